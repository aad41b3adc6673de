"""Clients that keep what they were told, and the judgement of it: an account apart from the product's own."""
import collections
import random
import threading

from client import Refused, UnknownOutcome
from proof import Contradiction, expect

#: Long enough that nothing that is held ends before it is judged.
LONG = 3600.0
#: Of what is fought over: what an unknown outcome leaves behind must not last.
SHORT = 2.0
SHARED = 4

Grant = collections.namedtuple("Grant", "name claim token sent replied")


class Writer(threading.Thread):
    """One client: takes new leases, renews what it has, and fights over a few names."""

    def __init__(self, cluster, label, pace=0.002):
        super().__init__(daemon=True)
        self.client = cluster.client(timeout=8, attempt=0.4)
        self.label, self.pace = label, pace
        self.own = {}
        self.unknown = set()
        #: Grants of shared names, each with when its release was first sent, if it was.
        self.shared = []
        self.renewals = self.operations = self.unknown_count = 0
        self.longest_gap = 0.0
        self.failure = None
        self._over = threading.Event()

    def finish(self):
        self._over.set()
        self.join(15)
        if self.failure:
            raise self.failure
        expect(not self.is_alive(), "a client of the load ended")

    def run(self):
        number = 0
        try:
            while not self._over.wait(self.pace):
                number += 1
                self.take(f"own/{self.label}/{number:06}")
                if number % 4 == 0:
                    self.renew()
                self.fight(f"shared/{random.randrange(SHARED)}")
        except Exception as failure:  # Told where the load is ended.
            self.failure = failure

    def _done(self):
        self.operations += 1
        self.longest_gap = max(self.longest_gap, self.client.replied - self.client.first_sent)

    def take(self, name):
        try:
            claim, token, _ = self.client.acquire(name, LONG)
        except UnknownOutcome:
            self.unknown.add(name)
            self.unknown_count += 1
            return
        self._done()
        self.own[name] = Grant(name, claim, token, self.client.first_sent, self.client.replied)

    def renew(self):
        grants = random.sample(list(self.own.values()), min(len(self.own), 16))
        try:
            statuses = self.client.renew([(grant.claim, grant.name) for grant in grants])
        except UnknownOutcome:
            self.unknown_count += 1
            return
        self._done()
        self.renewals += 1
        for grant, status in zip(grants, statuses):
            expect(
                status["state"] == "holding" and status["token"] == grant.token,
                f"{grant.name} was granted under token {grant.token}, and a renewal was answered {status}")

    def fight(self, name):
        try:
            claim, token, _ = self.client.acquire(name, SHORT)
        except UnknownOutcome:
            self.unknown_count += 1
            return
        except Refused as refused:
            expect(refused.code == "held", f"an acquire of {name} was refused {refused.code}")
            return
        grant = Grant(name, claim, token, self.client.first_sent, self.client.replied)
        self._done()
        released = None
        try:
            reason = self.client.release(claim, name)
            released = self.client.first_sent
            self._done()
            expect(reason in ("released", "expired"), f"a release of {name} was answered {reason}")
        except UnknownOutcome:
            self.unknown_count += 1
        self.shared.append((grant, released))


def judge(writers, leases):
    """Everything acknowledged is there, and tokens grow. `leases` are what the cluster shows, by name."""
    grants = [grant for writer in writers for grant in writer.own.values()]
    for grant in grants:
        holders = leases.get(grant.name, {"holders": []})["holders"]
        found = [(holder["claim"], holder["token"]) for holder in holders]
        expect(
            found == [(grant.claim, grant.token)],
            f"{grant.name} was granted as claim {grant.claim} under token {grant.token}, and shows {found}")
    tokens = collections.Counter(grant.token for grant in grants)
    expect(not tokens or max(tokens.values()) == 1, "no token is given twice")
    for name in {grant.name for writer in writers for grant, _ in writer.shared}:
        judge_order([entry for writer in writers for entry in writer.shared if entry[0].name == name])
    return len(grants)


def judge_order(entries):
    """Of two grants of one name, the one that was asked for after the other was answered has the greater token.

    And while one client surely held the lease, nobody else was granted it: from the answer to its acquire until its
    release was sent or its time was over, whichever came first.
    """
    entries.sort(key=lambda entry: entry[0].replied)
    for (first, released), (second, _) in zip(entries, entries[1:]):
        if second.sent >= first.replied and second.token <= first.token:
            raise Contradiction(f"{first.name}: token {first.token}, and after it token {second.token}")
        if released is not None and second.sent >= first.replied:
            end = min(released, first.sent + SHORT)
            expect(second.replied >= end, f"{first.name} was granted to two clients at once: {first}, {second}")
