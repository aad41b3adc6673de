"""Syncs and batches as the kernel sees them."""
import os
import re
import shutil
import struct
import subprocess

import load
import processes
import system_calls
import wire
from cluster import Cluster
from proof import expect, say, wait_for

CONNECTIONS = 64
SECONDS = 2.0
COUNTED_SECONDS = 2.0
GOAL = 2.5


def need_strace():
    """Installs strace when it is missing, and says so."""
    if shutil.which("strace"):
        return
    say("strace is missing; installing it with apt-get")
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "strace"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{' '.join(command)} failed: {done.stderr[-300:]}")


def syncs(stage):
    """Under load fewer syncs than entries, and never a promise before the sync of what it promises."""
    need_strace()
    # Tracing makes nodes slow, and a leader that is slow enough is replaced: then the trace tells of two.
    for attempt in range(1, 4):
        if traced(stage, attempt):
            break
        say("the leader was replaced under the trace; once more")
    else:
        expect(False, "one leader for a whole load, in one of three attempts")
    counted(stage)


def traced(stage, attempt):
    """Traces all nodes under load and looks through the traces; false when the leader did not stay one."""
    cluster = Cluster(stage, f"syncs-{attempt}")
    traces = {node.id: f"{cluster.directory}/{node.id}.strace" for node in cluster.nodes.values()}
    for node in cluster.nodes.values():
        node.start(before=system_calls.strace(traces[node.id]))
    leader = cluster.ready()
    first, term = leader.status()["last"], leader.status()["term"]
    answers, took = load.run(leader.client_address, CONNECTIONS, SECONDS)
    last = leader.status()["last"]
    cluster.ready()
    cluster.agree()
    is_same = leader.status()["term"] == term
    for node in cluster.nodes.values():
        stop_traced(node)
    if not is_same:
        return False
    say(f"traced: {answers} requests at {CONNECTIONS} connections in {took:.1f} s, entries {first + 1} to {last}")
    examined = {number: Examination(path) for number, path in traces.items()}
    for number, examination in examined.items():
        examination.check_votes()
        examination.check_acknowledgements()
        count = examination.syncs_between(first, last)
        expect(
            0 < count < last - first,
            f"node {number} synced {count} times for {last - first} entries")
    replies = examined[leader.id].check_replies(
        [examined[number].journal.history for number in examined if number != leader.id])
    expect(replies >= answers * 0.9, f"only {replies} of {answers} replies were found in the trace")
    say(f"{last - first} entries in " + ", ".join(
        f"{examined[number].syncs_between(first, last)} syncs of node {number}" for number in examined)
        + f" ({(last - first) / examined[leader.id].syncs_between(first, last):.1f} entries a sync at the leader)")
    say(f"{replies} replies, {sum(e.acknowledgements for e in examined.values())} acknowledgements and "
        f"{sum(e.votes for e in examined.values())} votes, none before the sync of what it promises")
    return True


def stop_traced(node):
    """SIGTERM to the traced node: strace ends with it, and with its exit status."""
    children = processes.children_of(node.pid)
    expect(len(children) == 1, f"strace of node {node.id} traces one process")
    os.kill(children[0], 15)
    status = node.exit_within(10)
    expect(status == 0, f"node {node.id} under strace ended with {status}")


class Examination:
    """One node's trace, walked through once."""

    def __init__(self, path):
        self.journal = system_calls.Journal()
        self.acknowledgements = self.votes = 0
        #: (place, what was promised, what was synced then) for each promise that the node sent.
        self.replied, self.acknowledged, self.voted = [], [], []
        marks = []
        for call in system_calls.calls(path):
            if call.name in ("pwrite64", "pwritev", "write") and call.result > 0:
                marks.append((call.ended, 0, call))
            elif call.name in ("fdatasync", "fsync") and call.result == 0:
                marks.append((call.ended, 1, call))
            elif call.name in ("sendto", "sendmsg", "writev") and call.result > 0:
                # What is sent may be on its way as soon as the call begins.
                marks.append((call.began, 2, call))
        marks.sort(key=lambda mark: mark[0])
        for _, kind, call in marks:
            if kind == 0:
                self.journal.wrote(call)
            elif kind == 1:
                self.journal.synced(call)
            else:
                self.sent(call)
        expect(self.journal.batches >= 10, f"{path} shows only {self.journal.batches} batches")

    def sent(self, call):
        """Keeps each promise with what was durable when its sending began."""
        for kind, body in system_calls.frames(call.data):
            if kind == wire.ANSWER and body[20:21] == bytes([wire.OUTCOME]):
                if body[21] == 1:
                    # The claim of an acquire is the index of its entry; a release's entry is not told.
                    index = struct.unpack_from("<Q", body, 22)[0]
                    self.replied.append((call.began_at, index, self.journal.synced_index))
                else:
                    self.replied.append((call.began_at, 0, self.journal.synced_index))
            elif kind == wire.RAFT and body[40] == 6:
                self.acknowledged.append((struct.unpack_from("<Q", body, 41)[0], self.journal.synced_index))
            elif kind == wire.RAFT and body[40] == 4 and body[41] == 1:
                self.voted.append((struct.unpack_from("<Q", body, 32)[0], self.journal.synced_term))

    def check_acknowledgements(self):
        """A follower acknowledges entries that its own disk has, and no others."""
        for match, synced in self.acknowledged:
            expect(match <= synced, f"entries through {match} were acknowledged when {synced} was synced")
        self.acknowledgements = len(self.acknowledged)

    def check_votes(self):
        """A vote is on disk before it is told."""
        for term, synced in self.voted:
            expect(term <= synced, f"a vote in term {term} was told when term {synced} was synced")
        self.votes = len(self.voted)

    def check_replies(self, others):
        """An acquire is answered when a quorum of disks has its entry; how many replies there were.

        Here: the leader's own disk and, as a quorum is two of three, at least one other's; or, if ever the leader's is
        slower, both others'. All clocks are one machine's, and a reply's time is that of its sending's beginning.
        """
        for began_at, index, synced in self.replied:
            if index == 0:
                continue
            durable = sum(1 for history in others if durable_at(history, began_at) >= index)
            durable += 1 if synced >= index else 0
            expect(durable >= 2, f"the acquire at {index} was answered when {durable} of three disks had it")
        return len(self.replied)

    def syncs_between(self, first, last):
        """How often the journal was synced while these entries became durable."""
        return sum(1 for _, index in self.journal.history if first < index <= last)


def durable_at(history, time):
    """The greatest index synced by then. Searched from the middle: the history is long and in order."""
    low, high = 0, len(history)
    while low < high:
        middle = (low + high) // 2
        if history[middle][0] <= time:
            low = middle + 1
        else:
            high = middle
    return history[low - 1][1] if low else 0


def counted(stage):
    """Counts the leader's system calls while only their numbers are kept; printed, not judged.

    The counting slows the node down, so that more requests wait for each turn: the count is a lower bound of what it
    would be at full speed.
    """
    cluster = Cluster(stage, "syncs-counted")
    leader = cluster.start()
    counter = Counter(leader.pid, cluster.directory)
    answers, took = load.run(leader.client_address, CONNECTIONS, COUNTED_SECONDS)
    count, names = counter.finish()
    say(f"{count / answers:.2f} system calls a request at {CONNECTIONS} connections (goal at most {GOAL}; "
        f"{counter.how}, {answers / took:.0f} requests/s): {names}")


class Counter:
    """strace -c, attached to a running process."""

    how = "strace -c"

    def __init__(self, pid, directory):
        self.path = f"{directory}/counts"
        self.process = processes.start(
            ["strace", "-f", "-c", "-p", str(pid), "-o", self.path], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        wait_for(lambda: is_traced(pid), 5, "that strace is attached")

    def finish(self):
        """All calls, and the names of the most frequent."""
        self.process.send_signal(2)
        self.process.wait(timeout=10)
        processes.forget(self.process)
        counts = {}
        with open(self.path, encoding="ascii", errors="replace") as file:
            for line in file:
                found = re.match(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", line)
                if found and found[2] != "total":
                    counts[found[2]] = int(found[1])
        most = sorted(counts, key=counts.get, reverse=True)[:5]
        return sum(counts.values()), ", ".join(f"{counts[name]} {name}" for name in most)


def is_traced(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in status)


syncs.seconds = 90
