"""Disks that fill up, get slow, or fail, for real: small file systems, and syncs that a tracer holds up or lets fail."""
import contextlib
import os
import signal
import subprocess
import time

import processes
from client import Refused
from cluster import Cluster
from command_line import BENCH, CommandLine
from proof import boot_time, expect, expect_equal, milliseconds, say, wait_for
from scenarios.syncs import need_strace

ROOM = 64 << 20
LOG = 16 << 20


def trouble(stage):
    """A full disk refuses acquires and loses nothing; a slow one hands over; a failed sync ends its node."""
    full_disk(stage)
    need_strace()
    slow_disk(stage)
    failed_sync(stage)


@contextlib.contextmanager
def small_file_systems(cluster):
    """Every node's directory on a file system of its own, of a few megabytes."""
    mounted = []
    try:
        for node in cluster.nodes.values():
            os.makedirs(node.data)
            words = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", node.data]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise PermissionError(done.stderr.strip())
            mounted.append(node.data)
        yield
    finally:
        for node in cluster.running:
            node.kill()
        for directory in mounted:
            subprocess.run(["umount", "-l", directory], check=False)


def full_disk(stage):
    """Disks without room: renewals go on, acquires are refused disk_low; with room again they are granted."""
    cluster = Cluster(stage, "full", snapshot_log=LOG)
    try:
        with small_file_systems(cluster):
            fill(cluster)
            cluster.stop()
    except PermissionError as error:
        # Whoever may not mount sees the same rule held by the simulator and by the tests of the journal.
        say(f"small file systems could not be mounted ({error}): the full disk was NOT shown")


def fill(cluster):
    cluster.start()
    client = cluster.client(timeout=5)
    held = {f"kept/{number}": client.acquire(f"kept/{number}", 3600)[:2] for number in range(20)}
    for node in cluster.nodes.values():
        fill_up(f"{node.data}/filler")
    line = CommandLine(cluster.binary, cluster.endpoints)
    began, granted, refused = boot_time(), 0, None
    while refused is None:
        expect(boot_time() < began + 90, f"acquires are refused on full disks, after {granted} that were granted")
        result = line.value(BENCH, "bench", "--workload", "acquire", "--connections", "16", "--seconds", "2", "--ttl", "1h",
                            "--timeout", "1s")
        granted += result["ops"]
        try:
            client.acquire(f"more/{granted}", 3600)
        except Refused as refusal:
            refused = refusal.code
    expect_equal(refused, "disk_low", "the code of an acquire on full disks")
    renewals = 0
    end = boot_time() + 3
    while boot_time() < end:
        statuses = client.renew([(claim, name) for name, (claim, _) in held.items()])
        expect(all(status["state"] == "holding" for status in statuses), "renewals go on while disks are full")
        renewals += 1
        time.sleep(0.005)
    name, (claim, _) = held.popitem()
    expect_equal(client.release(claim, name), "released", "a release on full disks")
    expect_equal(len(cluster.running), 3, "the nodes that live on with full disks")
    line.failure(69, "disk_low", "acquire", "one/more", "--timeout", "1s")
    for node in cluster.nodes.values():
        os.remove(f"{node.data}/filler")
    began = boot_time()

    def grant():
        try:
            return client.acquire("room/again", 3600)
        except Refused as refusal:
            expect_equal(refusal.code, "disk_low", "why an acquire is refused yet")
            return None

    wait_for(grant, 20, "that acquires are granted when there is room again", interval=0.1)
    took = boot_time() - began
    leases = cluster.client().list("kept/")
    for name, pair in held.items():
        holders = [(holder["claim"], holder["token"]) for holder in leases.get(name, {"holders": []})["holders"]]
        expect_equal(holders, [pair], f"who holds {name} after the disks were full")
    cluster.agree()
    say(f"full disks: {granted} more acquires, then disk_low; {renewals} renewals and a release went on; granted again "
        f"{milliseconds(took)} after there was room; all leases held")


def fill_up(path):
    """Takes all room that there is."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError:
            pass


def injected(node, what):
    """Starts a node whose syncs a tracer changes."""
    node.start(before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync",
                       "-e", f"inject=fdatasync,fsync:{what}"])


def kill_traced(node):
    """Kills the traced node; the tracer ends with it."""
    for child in processes.children_of(node.pid):
        os.kill(child, signal.SIGKILL)
    node.gone()


def slow_disk(stage):
    """A leader whose syncs take longer than an election timeout does not keep the others from going on."""
    cluster = Cluster(stage, "slow")
    cluster.start()
    client = cluster.client(timeout=20)
    held = client.acquire("slow/kept", 3600)[:2]
    slow = cluster.leader()
    slow.kill()
    cluster.ready()
    injected(slow, "delay_enter=900000")
    wait_for(lambda: (slow.status() or {}).get("role"), 30, "that the node with the slow disk answers")
    line = CommandLine(stage.binary, cluster.endpoints)
    # Asked to lead, it does so badly, and gives it up.
    line.run("transfer-leader", str(slow.id), "--timeout", "5s")
    longest, operations, end = 0.0, 0, boot_time() + 6
    while boot_time() < end:
        began = boot_time()
        client.release(client.acquire(f"slow/{operations}", 60)[0], f"slow/{operations}")
        longest, operations = max(longest, boot_time() - began), operations + 1
    expect(cluster.leader() is not slow, "a node whose syncs take 0.9 s does not lead in the end")
    expect(operations > 50, f"the others go on: {operations} operations in 6 s")
    expect(longest < 5, f"nobody waits for the slow disk: {milliseconds(longest)}")
    kill_traced(slow)
    slow.start()
    cluster.ready()
    holders = cluster.client().get("slow/kept")["holders"]
    expect_equal([(holder["claim"], holder["token"]) for holder in holders], [held], "who holds slow/kept")
    cluster.agree()
    cluster.stop()
    say(f"a disk whose syncs take 0.9 s: {operations} acquires and releases in 6 s, longest {milliseconds(longest)}")


def failed_sync(stage):
    """A sync that fails ends its node, which is started again and has lost nothing that it promised."""
    cluster = Cluster(stage, "failed")
    cluster.start()
    client = cluster.client(timeout=10)
    victim = next(node for node in cluster.nodes.values() if node is not cluster.leader())
    victim.kill()
    injected(victim, "error=EIO:when=40+")
    end = boot_time() + 30
    granted = {}
    while victim.is_running and boot_time() < end:
        name = f"failed/{len(granted)}"
        granted[name] = client.acquire(name, 3600)[:2]
    status = victim.exit_within(5)
    said = [text for text in victim.said().splitlines() if text.strip()]
    expect_equal(status, 74, f"the exit status of a node whose sync failed ({said[-2:]})")
    expect("io_error" in victim.said(), f"it says why: {said[-2:]}")
    victim.start()
    cluster.ready()
    cluster.agree()
    leases = cluster.client().list("failed/")
    for name, pair in granted.items():
        holders = [(holder["claim"], holder["token"]) for holder in leases.get(name, {"holders": []})["holders"]]
        expect_equal(holders, [pair], f"who holds {name}")
    cluster.stop()
    say(f"a failed sync: exit 74 ({said[-1][:110]}); {len(granted)} grants meanwhile, all held; it came back")


trouble.seconds = 180
