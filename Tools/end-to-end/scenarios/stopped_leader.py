"""A leader that is stopped while another one takes its place, and that goes on later."""
import collections
import os
import signal
import time

import wire
from client import Closed, Connection, Late, Refused
from cluster import Cluster
from proof import boot_time, expect, expect_equal, milliseconds, say

TTL = 2.0
NAMES = [f"contested/{number}" for number in range(5)]
#: Those that had greeted before the stop, and those that connect while the node is stopped.
GREETED, NEW = 40, 10


class Asker:
    """A connection that keeps what it asked, to judge each answer by."""

    def __init__(self, node, greeted):
        self.connection = Connection(node.client_address, greet=greeted)
        if not greeted:
            self.connection.send(wire.client_hello(self.connection.instance))
        self.asked = {}

    def ask(self, what, operation, body):
        correlation = self.connection.next_correlation()
        self.connection.send(wire.request(correlation, operation, body))
        self.asked[correlation] = what

    def ask_all(self, claims, turn):
        """One round: reads, stale reads, lists and renewals of the old holder's claims."""
        name = NAMES[turn % len(NAMES)]
        self.ask("get", wire.GET, wire.get_body(name.encode()))
        self.ask("renew", wire.COMMAND, wire.renew([(claims[name], name.encode())]))
        self.ask("list", wire.LIST, wire.list_body(b"contested/"))
        self.ask("stale get", wire.GET, wire.get_body(name.encode(), stale=True))
        self.ask("renew all", wire.COMMAND, wire.renew([(claims[name], name.encode()) for name in NAMES]))


def holders_in(answer):
    """The claims that an answer shows as holders."""
    leases = [answer["lease"]] if answer["kind"] == "lease" else answer.get("leases", [])
    return {holder["claim"] for lease in leases for holder in lease["holders"]}


def judge(what, answer, old_claims):
    """No answer shows the old holder as the present one, or extends its claim."""
    if answer["kind"] in ("lease", "page"):
        shown = holders_in(answer) & old_claims
        # A stale read may show the past: it tells its index, and for how long no leader was heard.
        expect(
            not shown or what == "stale get",
            f"a {what} at the node that was stopped showed the old holder: {answer}")
    elif answer["kind"] == "outcome":
        expect_equal(answer["outcome"], "renewed", f"the outcome of a {what}")
        for status in answer["statuses"]:
            expect(
                status["state"] in ("ended", "unknown"),
                f"a {what} at the node that was stopped was answered {status}")
    else:
        expect(
            answer["kind"] in ("notLeader", "refused", "unknown"), f"a {what} was answered {answer}")


def stopped_leader(stage):
    """A leader stopped for twice a TTL, while another client takes the lease, tells no lie afterwards."""
    cluster = Cluster(stage, "stopped-leader")
    cluster.start()
    leader = cluster.leader()
    first = cluster.client()
    claims, tokens = {}, {}
    for name in NAMES:
        claims[name], tokens[name], _ = first.acquire(name, TTL, holder="first")
    askers = [Asker(leader, greeted=True) for _ in range(GREETED)]
    statuses = first.renew([(claims[name], name) for name in NAMES])
    expect(all(status["state"] == "holding" for status in statuses), f"renewals before the stop: {statuses}")
    renewed = first.sent
    os.kill(leader.pid, signal.SIGSTOP)
    stopped = boot_time()
    askers += [Asker(leader, greeted=False) for _ in range(NEW)]

    second = cluster.client(attempt=0.3)
    second.addresses.remove(leader.client_address)
    newer, rounds = {}, 0
    while len(newer) < len(NAMES) or boot_time() < stopped + 2 * TTL:
        for asker in askers:
            asker.ask_all(claims, rounds)
        rounds += 1
        for name in NAMES:
            if name in newer:
                continue
            try:
                _, newer[name], _ = second.acquire(name, 30, holder="second")
            except Refused as refused:
                expect(refused.code in ("held", "unreachable"), f"an acquire was refused {refused.code}")
                continue
            expect(second.replied >= renewed + TTL, f"{name} was given away while the stopped leader's client held it")
            taken = second.replied - renewed
            expect(newer[name] > tokens[name], f"the token of {name} did not grow: {tokens[name]}, {newer[name]}")
        time.sleep(0.1)
    os.kill(leader.pid, signal.SIGCONT)
    stopped_for = boot_time() - stopped

    kinds, answered = collections.Counter(), collections.Counter()
    for asker in askers:
        kinds.update(answers_of(asker, set(claims.values()), answered))
    for what in ("get", "renew"):
        expect(answered[what] >= 100, f"only {answered[what]} answers to a {what}: nothing was shown")
    asked = sum(len(asker.asked) for asker in askers)
    say(f"stopped for {stopped_for:.1f} s, all {len(NAMES)} leases taken over within {milliseconds(taken)} of the "
        f"last renewal (TTL {TTL:g} s)")
    say(f"{asked} frames on {len(askers)} connections to the stopped node: "
        + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) 
        + "; none but a stale one shows the old holder, none extends its claim")
    old = cluster.client()
    for status in old.renew([(claims[name], name) for name in NAMES]):
        expect(status["state"] in ("ended", "unknown"), f"the old holder's claim was answered {status}")
    for name in NAMES:
        holders = old.get(name)["holders"]
        expect_equal([holder["token"] for holder in holders], [newer[name]], f"tokens of {name}")
    cluster.agree()


def answers_of(asker, old_claims, answered):
    """Judges all that comes on a connection until everything is answered or it is closed."""
    kinds = collections.Counter()
    missing = dict(asker.asked)
    end = boot_time() + 5
    while missing:
        try:
            kind, body = asker.connection.receive(max(end - boot_time(), 0))
        except Closed:
            kinds["left unanswered at a closed connection"] += len(missing)
            break
        except Late:
            kinds["never answered"] += len(missing)
            break
        if kind != wire.ANSWER:
            continue
        answer = wire.read_answer(body)
        what = missing.pop(answer["correlation"], None)
        expect(what is not None, f"an answer to nothing that was asked: {answer}")
        judge(what, answer, old_claims)
        answered[what] += 1
        kinds["stale read" if what == "stale get" else wire.code_of(answer) or answer["kind"]] += 1
    asker.connection.close()
    return kinds


stopped_leader.seconds = 60
