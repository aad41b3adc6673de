"""A cluster that is lost, and what is made of a backup."""
import shutil
import time

import history
from client import Refused
from cluster import Cluster
from command_line import CommandLine
from proof import expect, expect_equal, say, wait_for

LEASES = 200


def backups(stage):
    """Saved, destroyed, restored: the leases are there, and tokens go on above; twice, and no token is shared."""
    cluster = Cluster(stage, "lost")
    cluster.start()
    client = cluster.client()
    held = {f"kept/{number:03}": client.acquire(f"kept/{number:03}", 3600)[:2] for number in range(LEASES)}
    cluster.agree()
    for node in cluster.nodes.values():
        node.kill()
    line = CommandLine(stage.binary, cluster.endpoints)
    file = f"{cluster.directory}/leases.snapshot"
    saved = line.value(None, "snapshot", "save", file, "--data", cluster.nodes[1].data, "--uncommitted")
    inspected = line.value(None, "snapshot", "inspect", file)
    damaged(line, file)
    last = max(token for _, token in held.values())
    for node in cluster.nodes.values():
        shutil.rmtree(node.data)
    say(f"saved {LEASES} leases from one of three killed nodes; all directories destroyed; "
        f"{', '.join(f'{key} {value}' for key, value in list(inspected.items())[:4])}")

    tokens = {}
    for number in (1, 2):
        tokens[number] = restored(stage, line, file, number, held, last)
        # The clock's seconds are in a restored cluster's numbers: two within one second would meet.
        time.sleep(1.1)
    shared = set(tokens[1]) & set(tokens[2])
    expect_equal(shared, set(), "tokens that two clusters of one backup both gave out")
    say(f"restored twice: {len(tokens[1])} and {len(tokens[2])} new tokens, all above {last}, none shared")


def damaged(line, file):
    """A backup with a flipped byte is refused, with the place."""
    with open(file, "rb") as whole:
        data = bytearray(whole.read())
    data[len(data) // 2] ^= 0x10
    with open(f"{file}.damaged", "wb") as flipped:
        flipped.write(data)
    value = line.failure(65, "snapshot_corrupt", "snapshot", "inspect", f"{file}.damaged")
    line.failure(65, "snapshot_corrupt", "snapshot", "restore", f"{file}.damaged", "--data", f"{file}.nowhere", "--id", "1",
                 "--cluster", "1=127.0.0.1:1/127.0.0.1:2")
    say(f"a flipped byte is refused: {value}")


def restored(stage, line, file, number, held, last):
    """A new cluster of the backup: the tokens that it gives out."""
    cluster = Cluster(stage, f"restored-{number}", nodes=1)
    node = cluster.nodes[1]
    line.value(None, "snapshot", "restore", file, "--data", node.data, "--id", "1", "--cluster", cluster.members,
               "--no-quarantine")
    node.start()
    cluster.ready()
    client = cluster.client()
    name, (claim, _) = next(iter(held.items()))
    statuses = client.renew([(claim, name)])
    expect_equal((statuses[0]["state"], statuses[0].get("reason")), ("ended", "restored"), "what an old holder is told")
    for other in (2, 3):
        cluster.join(other)
        end = time.monotonic() + 20
        while line.run("member", "promote", str(other), "--endpoints", cluster.endpoints)[0] != 0:
            expect(time.monotonic() < end, f"node {other} of the restored cluster is promoted")
            time.sleep(0.2)
    cluster.ready()
    tokens = []
    for name in list(held)[:50]:
        # What was held may be granted anew once its old time is over; other names are free.
        tokens.append(client.acquire(f"new/{name}", 600)[1])
    expect(min(tokens) > last, f"tokens of a restored cluster are above {last}: {min(tokens)}")
    leases = client.list("kept/")
    expect_equal(len(leases), len(held), "the leases that the restored cluster has")
    cluster.agree()
    cluster.stop()
    return tokens


backups.seconds = 120
