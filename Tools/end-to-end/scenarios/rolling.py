"""A restart of every node in turn, as for an upgrade."""
import signal
import time

import history
from cluster import Cluster
from command_line import CommandLine
from proof import boot_time, expect, expect_equal, milliseconds, say
from scenarios.kills import Bench, caught_up, judge, tell_benches, tell_writers

ROUNDS = 2
PAUSE = 0.3


def rolling(stage):
    """Every node ended and started in turn under load: no lease lost, no gap beyond one hand-over."""
    cluster = Cluster(stage, "rolling", snapshot_log=2 << 20)
    cluster.start()
    line = CommandLine(stage.binary, cluster.endpoints)
    writers = [history.Writer(cluster, str(number)) for number in range(2)]
    benches = [Bench(line, workload, cluster.directory) for workload in ("renew", "cycle")]
    for load in writers + benches:
        load.start()
    began = boot_time()
    led = 0
    for _ in range(ROUNDS):
        for node in cluster.nodes.values():
            led += cluster.leader() is node
            node.process.send_signal(signal.SIGTERM)
            expect_equal(node.exit_within(5), 0, f"the exit status of node {node.id}")
            node.start()
            cluster.ready()
            caught_up(cluster, node)
            time.sleep(PAUSE)
    took = boot_time() - began
    for load in writers + benches:
        load.finish()
    cluster.agree()
    expect(led > 0, "a leader was among those that were restarted")
    tell_writers(writers)
    judge(cluster, writers)
    tell_benches(line, benches)
    gap = max(result["gap_ms_max"] for bench in benches for result in bench.results)
    unknown = sum(result["unknown"] for bench in benches for result in bench.results)
    expect_equal(unknown, 0, "operations that never got an answer")
    # An election takes one timeout of half a second at most when the hand-over came to nothing.
    expect(gap < 2000, f"the longest time without an acknowledgement is that of a hand-over: {gap} ms")
    say(f"{ROUNDS * 3} restarts in {milliseconds(took)}, {led} of them of the leader; longest gap {gap} ms")


rolling.seconds = 120
