"""All nodes killed at once under held leases, and started again."""
import signal
import threading
import time

import processes
from client import Refused
from cluster import Cluster
from proof import boot_time, expect, expect_equal, milliseconds, say

#: Lives of the leases; none may end while the cluster is down.
LIVES = [4.0, 6.0, 8.0, 10.0]
LEASES = 40
#: What a full restart may give back of a lease's time, at most.
GIVEN_BACK_MAX = 1.0


class Keeper(threading.Thread):
    """Renews half of the leases until the nodes are gone; keeps when each was extended, for certain and perhaps."""

    def __init__(self, cluster, claims):
        super().__init__(daemon=True)
        self.client = cluster.client(timeout=0.2, attempt=0.2)
        self.claims = claims
        #: By name: when the last acknowledged renewal was sent, and the last one at all was answered or given up.
        self.known, self.possible = {}, {}
        self.is_over = False

    def run(self):
        while not self.is_over:
            batch = [(claim, name) for name, claim in self.claims.items()]
            try:
                statuses = self.client.renew(batch)
            except Exception:  # The nodes are gone: what was under way may have been done.
                now = boot_time()
                self.possible = {name: now for name in self.claims}
                return
            for (_, name), status in zip(batch, statuses):
                if status["state"] == "holding":
                    self.known[name], self.possible[name] = self.client.sent, self.client.replied
            time.sleep(0.05)


def all_killed(stage):
    """All three killed at once under held leases: each is held on, with the time it had left."""
    cluster = Cluster(stage, "all-killed")
    cluster.start()
    # While renewals go on, the log's last entry is young. When nothing does, only pulses carry the time.
    for round_name, renewing in (("renewing", True), ("quiet", False)):
        kill_all(cluster, round_name, renewing)
    cluster.agree()


def kill_all(cluster, round_name, renewing):
    """One restart of all nodes."""
    client = cluster.client()
    held, extended = {}, {}
    for number in range(LEASES):
        name, life = f"{round_name}/{number:02}", LIVES[number % len(LIVES)]
        claim, token, _ = client.acquire(name, life, value=b"v%d" % number)
        held[name] = (claim, token, life)
        # Its deadline was set by an entry that the leader made between these two instants.
        extended[name] = (client.sent, client.replied)
    keeper = Keeper(cluster, {name: held[name][0] for name in list(held)[::2]} if renewing else {})
    if renewing:
        keeper.start()
    time.sleep(1.3)
    before = {}
    for name in held:
        before[name] = client.get(name)["holders"][0]["remaining"]
    kill_began = boot_time()
    processes.signal_all([node.process for node in cluster.running], signal.SIGKILL)
    for node in cluster.running:
        node.gone()
    kill_ended = boot_time()
    keeper.is_over = True
    if renewing:
        keeper.join(5)
    for name in keeper.known:
        # At least what was acknowledged; at most what the last attempt may have done.
        extended[name] = (keeper.known[name], max(keeper.possible[name], keeper.known[name]))

    # Long enough that a clock that ran on through the outage would show.
    time.sleep(1.5)
    start_began = boot_time()
    for node in cluster.nodes.values():
        node.start()
    cluster.ready()
    reader = cluster.client()
    given_back = []
    for name, (claim, token, life) in held.items():
        lease = reader.get(name)
        read = reader.replied
        expect_equal(len(lease["holders"]), 1, f"holders of {name} after the restart")
        holder = lease["holders"][0]
        expect_equal((holder["claim"], holder["token"]), (claim, token), f"claim and token of {name}")
        # Never less: log time cannot have run before the nodes were started, nor faster than real time.
        least = life - (kill_ended - extended[name][0]) - (read - start_began)
        expect(
            holder["remaining"] >= least - 0.001,
            f"{name} has {holder['remaining']:.3f} s left after the restart; at least {least:.3f} s were left to it")
        # At most 1 s more, by true time; and never more than was read before, by log time.
        most = life - max(kill_began - extended[name][1], 0)
        given_back.append(holder["remaining"] - most)
        expect(
            holder["remaining"] <= most + GIVEN_BACK_MAX,
            f"{name} has {holder['remaining']:.3f} s left after the restart, and had at most {most:.3f} s at the kill")
        if name not in keeper.claims:
            expect(
                holder["remaining"] <= before[name] + 0.000_001,
                f"{name} has {holder['remaining']:.3f} s left after the restart, and {before[name]:.3f} s before")
    say(f"{round_name}: {LEASES} leases held through a restart of all nodes; down for "
        f"{start_began - kill_ended:.1f} s, read {milliseconds(boot_time() - start_began)} after the first start")
    say(f"{round_name}: time left, read after the restart, against what was left at the kill: "
        f"{min(given_back) * 1000:+.0f} to {max(given_back) * 1000:+.0f} ms (at most +1000)")
    wait_for_the_end(cluster, held, extended, kill_ended, start_began)


def wait_for_the_end(cluster, held, extended, kill_ended, start_began):
    """The shortest leases go on to their ends, and not before."""
    contender = cluster.client()
    name = min(held, key=lambda name: held[name][2] + extended[name][0])
    claim, token, life = held[name]
    earliest = start_began + life - (kill_ended - extended[name][0])
    while True:
        try:
            _, newer, _ = contender.acquire(name, 5, holder="contender")
            break
        except Refused as refused:
            expect_equal(refused.code, "held", f"the answer to an acquire of {name}")
        time.sleep(0.02)
    expect(contender.replied >= earliest, f"{name} was given away {earliest - contender.replied:.3f} s early")
    expect(newer > token, f"the token of {name} did not grow: {token}, then {newer}")
    say(f"{name} passed on {milliseconds(contender.replied - earliest)} after the least it had, token {token} → "
        f"{newer}")


all_killed.seconds = 60
