"""Nodes killed under load, again and again."""
import json
import random
import threading
import time

import history
import processes
from cluster import Cluster
from command_line import BENCH, CommandLine
from proof import boot_time, expect, expect_equal, milliseconds, percentile, say, wait_for

KILLS = 10
WRITERS = 3
FAILOVERS = 5
WORKLOADS = ("acquire", "renew", "cycle")


class Bench(threading.Thread):
    """`leasehold bench --log`, run after run, until it is told to finish."""

    def __init__(self, line, workload, directory):
        super().__init__(daemon=True)
        self.line, self.workload, self.directory = line, workload, directory
        self.results, self.logs = [], []
        self.failure = None
        self._over = threading.Event()

    def run(self):
        try:
            while not self._over.is_set():
                log = f"{self.directory}/{self.workload}-{len(self.logs)}.log"
                self.logs.append(log)
                self.results.append(
                    self.line.value(
                        BENCH, "bench", "--workload", self.workload, "--connections", "2", "--seconds", "3",
                        "--ttl", "1h", "--prefix", f"bench/{self.workload}/{len(self.logs)}/", "--log", log))
        except Exception as failure:  # Told where the load is ended.
            self.failure = failure

    def finish(self):
        self._over.set()
        self.join(30)
        if self.failure:
            raise self.failure
        expect(not self.is_alive(), f"bench --workload {self.workload} ended")


def kills(stage, name, is_victim_leader):
    cluster = Cluster(stage, name)
    cluster.start()
    line = CommandLine(stage.binary, cluster.endpoints)
    writers = [history.Writer(cluster, str(number)) for number in range(WRITERS)]
    benches = [Bench(line, workload, cluster.directory) for workload in WORKLOADS]
    for load in writers + benches:
        load.start()
    gaps = []
    for _ in range(KILLS):
        time.sleep(random.uniform(0.1, 0.4))
        leader = cluster.leader()
        victim = leader if is_victim_leader else random.choice(
            [node for node in cluster.nodes.values() if node is not leader])
        began = boot_time()
        victim.kill()
        if is_victim_leader:
            cluster.leader(other_than=victim.id)
            gaps.append(boot_time() - began)
        else:
            time.sleep(random.uniform(0.1, 0.4))
        victim.start()
        cluster.ready()
        caught_up(cluster, victim)
    for load in writers + benches:
        load.finish()
    index, digest = cluster.agree()
    tell_writers(writers, least=50 * KILLS)
    if gaps:
        say(f"{KILLS} kills; next leader after {milliseconds(percentile(gaps, 0.5))} (median), "
            f"{milliseconds(max(gaps))} (most)")
    judge(cluster, writers)
    tell_benches(line, benches)
    say(f"all nodes at index {index} with digest {digest}")
    return cluster


def caught_up(cluster, node):
    """The node that was away has applied what was committed when it was back."""
    goal = max(status["commit"] for status in cluster.statuses().values())
    wait_for(lambda: (node.status() or {"applied": 0})["applied"] >= goal, 20, f"that node {node.id} catches up")


def tell_writers(writers, least=50):
    """What the writers did, which must be something."""
    operations = sum(writer.operations for writer in writers)
    unknown = sum(writer.unknown_count for writer in writers)
    expect(operations >= least, f"only {operations} operations were acknowledged")
    say(f"{operations} acknowledged operations of {len(writers)} clients, {unknown} unknown, longest wait "
        f"{milliseconds(max(writer.longest_gap for writer in writers))}")


def judge(cluster, writers):
    leases = cluster.client().list("own/")
    grants = history.judge(writers, leases)
    renewals = sum(writer.renewals for writer in writers)
    shared = sum(len(writer.shared) for writer in writers)
    surplus = set(leases) - {name for writer in writers for name in writer.own}
    unknown = {name for writer in writers for name in writer.unknown}
    expect(surplus <= unknown, f"held and asked for by nobody: {sorted(surplus - unknown)[:3]}")
    say(f"own account: {grants} grants all held under their tokens, {renewals} renewals true, tokens of {shared} "
        f"grants of shared names grew, {len(surplus)} of {len(unknown)} unknown acquires hold")


def tell_benches(line, benches):
    """The product's own check holds, and finds a lie that is put into a log."""
    text = []
    for bench in benches:
        for log, result in zip(bench.logs, bench.results):
            status, output, error = line.run("bench", "--verify", log, seconds=60)
            expect_equal(status, 0, f"the exit status of bench --verify of {log} ({output} {error})")
            expect_equal(result["errors"], 0, f"errors of bench --workload {bench.workload}")
        total = sum(result["ops"] for result in bench.results)
        unknown = sum(result["unknown"] for result in bench.results)
        gap = max(result["gap_ms_max"] for result in bench.results)
        text.append(f"{bench.workload} {total} operations, {unknown} unknown, longest gap {gap} ms")
    say("bench --log and --verify: " + "; ".join(text))
    lie(line, benches[0].logs[0])


def lie(line, log):
    """A log in which one acquire has another token is found out."""
    with open(log, encoding="utf-8") as file:
        lines = file.read().splitlines()
    place = next(place for place, text in enumerate(lines) if '"acquire"' in text and '"token"' in text)
    entry = json.loads(lines[place])
    entry["token"] = str(int(entry["token"]) + 1)
    lines[place] = json.dumps(entry)
    with open(f"{log}.lie", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    status, output, error = line.run("bench", "--verify", f"{log}.lie", seconds=60)
    expect_equal(status, 1, f"the exit status of bench --verify of a log with a lie in it ({output} {error})")
    said = (output + error).strip().splitlines()
    expect(said, "bench --verify says which entry is a lie")
    say(f"a lie put into a log is found: {said[-1][:150]}")


def leader_kills(stage):
    """Ten times kill -9 of the leader under load: nothing acknowledged is lost, tokens grow."""
    failover(stage, kills(stage, "leader-kills", True))


def failover(stage, cluster):
    """The product's own measure of it, which kills and starts nodes itself."""
    line = CommandLine(stage.binary, cluster.endpoints)
    try:
        result = line.value(BENCH, "bench", "--workload", "failover", "--rounds", str(FAILOVERS), seconds=60)
    finally:
        # What it started belongs to nobody here.
        for node in cluster.nodes.values():
            status = node.status()
            if not node.is_running and status:
                processes.end_foreign(status["pid"])
    say(f"bench --workload failover: in {FAILOVERS} rounds a grant again after {result['p50_us'] / 1000:.0f} ms "
        f"(median), {result['gap_ms_max']} ms (most), {result['errors']} errors, {result['unknown']} unknown")
    for node in cluster.nodes.values():
        if not node.is_running:
            node.gone()
            node.start()
    cluster.ready()
    cluster.agree()


def follower_kills(stage):
    """Ten times kill -9 of a follower under load: nothing acknowledged is lost, tokens grow."""
    kills(stage, "follower-kills", False)


leader_kills.seconds = 150
follower_kills.seconds = 150
