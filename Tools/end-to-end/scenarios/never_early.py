"""Holders that stop renewing keep their leases until their time is over."""
import random
import threading
import time

from client import Refused, UnknownOutcome
from cluster import Cluster
from proof import boot_time, expect, expect_equal, percentile, say, wait_for

TTLS = [0.5, 0.7, 1.0, 1.5, 2.5, 4.0]
NAMES_EACH = 12
CONTENDERS = 6
#: How late the next holder may be; printed, not judged.
GOAL = 0.5


class Tenure:
    """A lease whose holder has stopped renewing."""

    def __init__(self, name, ttl, claim, token, sent):
        self.name, self.ttl, self.claim, self.token = name, ttl, claim, token
        #: Read before the first byte of the last successful acquire or renewal went to a socket. The entry that set the
        #: deadline is younger than this, and log time runs no faster than real time, so nobody else may hold the lease
        #: before `sent + ttl`. A grant was made before its answer was here, so an answer before that is a lie.
        self.sent = sent
        self.taken = None


class Contender(threading.Thread):
    """Asks for its leases over and over until each is granted."""

    def __init__(self, cluster, tenures):
        super().__init__(daemon=True)
        self.client = cluster.client(timeout=20, attempt=0.5)
        self.open = list(tenures)
        self.failure = None
        self.polls = 0

    def run(self):
        try:
            while self.open:
                for tenure in list(self.open):
                    self.poll(tenure)
                time.sleep(0.01)
        except Exception as failure:  # Told by the main thread.
            self.failure = failure

    def poll(self, tenure):
        self.polls += 1
        try:
            _, token, _ = self.client.acquire(tenure.name, 60, holder="contender")
        except Refused as refused:
            expect(refused.code == "held", f"an acquire of {tenure.name} was refused {refused.code}")
            expect_equal(refused.answer["error"]["token"], tenure.token, f"the token that holds {tenure.name}")
            return
        except UnknownOutcome:
            return
        tenure.taken = self.client.replied
        early = tenure.sent + tenure.ttl - tenure.taken
        expect(early <= 0, f"{tenure.name} was given away {early * 1000:.3f} ms before its TTL of {tenure.ttl} s")
        expect(token > tenure.token, f"the token of {tenure.name} did not grow: {tenure.token}, then {token}")
        self.open.remove(tenure)


def hold(cluster, label, ttls):
    """Leases that are held, some of them renewed a few times, and then left alone."""
    holder = cluster.client()
    tenures = []
    for number in range(NAMES_EACH):
        for ttl in ttls:
            name = f"{label}/{ttl}/{number:02}"
            claim, token, valid_for = holder.acquire(name, ttl)
            expect(valid_for <= ttl, f"an acquire of {ttl} s was told to be valid for {valid_for} s")
            tenures.append(Tenure(name, ttl, claim, token, holder.sent))
    for _ in range(random.randrange(1, 4)):
        time.sleep(0.05)
        for tenure in tenures[::2]:
            status = holder.renew([(tenure.claim, tenure.name)])[0]
            if status["state"] == "holding":
                expect(status["valid_for"] <= tenure.ttl, f"a renewal was told to be valid for {status['valid_for']} s")
                tenure.sent = holder.sent
    return tenures


def contend(cluster, tenures, disturb=None):
    """All leases find another holder; how late each was, in seconds."""
    contenders = [Contender(cluster, tenures[place::CONTENDERS]) for place in range(CONTENDERS)]
    for contender in contenders:
        contender.start()
    if disturb:
        disturb()

    def over():
        for contender in contenders:
            if contender.failure:
                raise contender.failure
        return not any(contender.is_alive() for contender in contenders)

    wait_for(over, 30, "that every lease found another holder")
    late = [tenure.taken - tenure.sent - tenure.ttl for tenure in tenures]
    return late, sum(contender.polls for contender in contenders)


def never_early(stage):
    """A holder that stops renewing is never replaced before its TTL."""
    cluster = Cluster(stage, "never-early")
    cluster.start()
    tenures = hold(cluster, "quiet", TTLS)
    late, polls = contend(cluster, tenures)
    tell("all nodes up", tenures, late, polls)

    # The same through a change of leaders: a new one inherits the time, and may only be later.
    tenures = hold(cluster, "failover", TTLS[2:])

    def kill_leader():
        time.sleep(0.3)
        began = boot_time()
        leader = cluster.leader()
        leader.kill()
        cluster.leader(other_than=leader.id)
        leader.start()
        say(f"leader killed and replaced within {(boot_time() - began) * 1000:.0f} ms")

    late, polls = contend(cluster, tenures, kill_leader)
    tell("leader killed meanwhile", tenures, late, polls)
    cluster.ready()
    cluster.agree()


def tell(how, tenures, late, polls):
    say(f"{how}: {len(tenures)} leases of {min(t.ttl for t in tenures)} to {max(t.ttl for t in tenures)} s, {polls} "
        f"polls: none early; late by {min(late) * 1000:.0f} / {percentile(late, 0.5) * 1000:.0f} / "
        f"{max(late) * 1000:.0f} ms (least, median, most; goal {GOAL * 1000:.0f})")


never_early.seconds = 75
