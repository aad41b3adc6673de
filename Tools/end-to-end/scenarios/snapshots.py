"""A log that stays short, and nodes that come back by snapshot."""
import os
import pathlib
import threading

from cluster import Cluster
from command_line import BENCH, CommandLine
from proof import expect, expect_equal, milliseconds, boot_time, say, wait_for

LOG = 1 << 20
SNAPSHOTS = 3
SECONDS = 3
LEASES = 50


def size(directory):
    """What a data directory takes of its disk, in bytes; files come and go meanwhile."""
    total = 0
    for path in pathlib.Path(directory).glob("**/*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            pass
    return total


class Largest(threading.Thread):
    """The largest that each data directory ever is."""

    def __init__(self, nodes):
        super().__init__(daemon=True)
        self.nodes, self.bytes = nodes, {node.id: 0 for node in nodes}
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(0.05):
            for node in self.nodes:
                self.bytes[node.id] = max(self.bytes[node.id], size(node.data))

    def finish(self):
        self._over.set()
        self.join(5)


def snapshots(stage):
    """Directories stay bounded under load; who was away comes back by snapshot to an equal digest."""
    cluster = Cluster(stage, "snapshots", snapshot_log=LOG)
    cluster.start()
    client = cluster.client()
    held = {}
    for number in range(LEASES):
        held[f"kept/{number:02}"] = client.acquire(f"kept/{number:02}", 3600, value=os.urandom(24))[:2]
    away = next(node for node in cluster.nodes.values() if node is not cluster.leader())
    away.kill()
    others = cluster.running
    line = CommandLine(stage.binary, cluster.endpoints)
    largest = Largest(others)
    largest.start()
    results, began = [], boot_time()

    def taken():
        return {node.id: node.said().count(" snapshot_taken ") for node in others}

    while min(taken().values()) < SNAPSHOTS:
        expect(boot_time() < began + 60, f"each node takes {SNAPSHOTS} snapshots: {taken()} after {results}")
        results.append(
            line.value(BENCH, "bench", "--workload", "cycle", "--connections", "32", "--seconds", str(SECONDS)))
    largest.finish()
    expect_equal(sum(result["errors"] for result in results), 0, "errors under load while snapshots are taken")
    # The log that makes a snapshot due and what comes while one is written, the tail, a spare, and two snapshots.
    bound = 8 * LOG
    expect(max(largest.bytes.values()) <= bound, f"directories of at most {bound} bytes: {largest.bytes}")
    operations, gap = sum(result["ops"] for result in results), max(result["gap_ms_max"] for result in results)
    say(f"{operations} operations, longest gap {gap} ms; snapshots {sorted(taken().values())}, largest directory "
        f"{max(largest.bytes.values()) / 1e6:.1f} MB with a snapshot every {LOG / 1e6:.1f} MB of log")

    began = boot_time()
    away.start()
    index, _ = cluster.agree()
    expect(" snapshot_installed " in away.said(), f"node {away.id} came back by snapshot: {away.said()[-500:]}")
    say(f"node {away.id} was away for all of it, and reached index {index} by snapshot in "
        f"{milliseconds(boot_time() - began)}, with the digest of the others")

    for node in cluster.running:
        node.kill()
    for node in cluster.nodes.values():
        node.start()
    cluster.ready()
    leases = cluster.client().list("kept/")
    for name, pair in held.items():
        holders = [(holder["claim"], holder["token"]) for holder in leases.get(name, {"holders": []})["holders"]]
        expect_equal(holders, [pair], f"who holds {name} after all nodes began from their snapshots")
    cluster.agree()
    say(f"all killed and started from snapshots: {len(held)} leases held under the tokens they had")
    wait_for(lambda: all(size(node.data) <= bound for node in cluster.nodes.values()), 20, "that directories are small")


snapshots.seconds = 120
