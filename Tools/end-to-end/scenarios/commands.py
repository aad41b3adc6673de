"""The command line against `dev`: every command, its keys, its exit statuses."""
import os
import re
import signal
import subprocess
import threading
import time

import processes
from cluster import free_base
from command_line import BENCH, CANCEL, NODE, RELEASE, STATUS, TENURE, UPDATE, CommandLine, check_keys, check_lease
from proof import boot_time, expect, expect_equal, milliseconds, say, wait_for

NODE_LINE = re.compile(r"^node (\d+) pid (\d+) client (127\.0\.0\.1:\d+) peer (127\.0\.0\.1:\d+)$")
READY_LINE = re.compile(r"^ready leader=(\d+) endpoints=(\S+)")


class Dev:
    """`leasehold dev`, and what it says."""

    def __init__(self, binary, nodes, base, home, *words):
        self.lines = []
        arguments = [binary, "dev", *words]
        began = boot_time()
        self.environment = dict(os.environ, HOME=home)
        self.process = processes.start(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment)
        threading.Thread(target=self._read, daemon=True).start()
        ready = wait_for(lambda: self.find(READY_LINE), 30, f"the ready line of dev (it said {self.lines})")
        self.ready_after = boot_time() - began
        found = [NODE_LINE.match(line) for line in self.lines[:nodes]]
        expect(all(found), f"the first {nodes} lines of dev: {self.lines[:nodes]}")
        self.pids = {int(line[1]): int(line[2]) for line in found}
        expect_equal(list(self.pids), list(range(1, nodes + 1)), "the nodes that dev names")
        for line in found:
            expect_equal(line[3], f"127.0.0.1:{base + int(line[1])}", "a client address")
            expect_equal(line[4], f"127.0.0.1:{base + 100 + int(line[1])}", "a peer address")
        self.endpoints = ready[2]
        self.leader = int(ready[1])
        expect_equal(self.endpoints, ",".join(line[3] for line in found), "the endpoints of the ready line")

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def find(self, pattern, start=0):
        for line in list(self.lines[start:]):
            found = re.search(pattern, line)
            if found:
                return found
        return None

    def stop(self):
        """Ctrl-C: exit 0 within 5 s, and no child is left."""
        began = boot_time()
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=10)
        processes.forget(self.process)
        took = boot_time() - began
        expect_equal(status, 0, "the exit status of dev after Ctrl-C")
        expect(took <= 5, f"dev took {took:.1f} s to end after Ctrl-C")
        left = [pid for pid in self.pids.values() if os.path.exists(f"/proc/{pid}/exe")]
        expect(not left, f"nodes {left} outlive dev")
        return took


def commands(stage):
    """Every command from a second terminal, in the forms for people and for scripts; `dev` with 3 and 5 nodes."""
    home = f"{stage.directory}/home"
    os.makedirs(home)
    base = free_base()
    dev = Dev(stage.binary, 3, base, home, "--base-port", str(base))
    say(f"dev with 3 nodes ready after {milliseconds(dev.ready_after)}, leader {dev.leader}")
    line = CommandLine(stage.binary, dev.endpoints, HOME=home)
    what_dev_says_next(dev, line)
    token = leases(line)
    failures(line, base)
    lost_output(stage, line, base)
    unknown_outcome(line, dev)
    examples(stage, line, dev)
    cluster = line.value(STATUS, "status")["cluster"]
    killed_child(line, dev)
    took = dev.stop()
    say(f"Ctrl-C: exit 0 after {milliseconds(took)}")
    journal(line, home)

    again = Dev(stage.binary, 3, base, home)
    expect_equal(line.value(STATUS, "status")["cluster"], cluster, "the cluster after the next start")
    holders = line.value(None, "get", "kept")["holders"]
    expect_equal([holder["token"] for holder in holders], [token], "tokens of the lease that was held before")
    say(f"the next start went on with the data: {cluster}, token {token}")
    again.stop()
    five(stage, home)


def what_dev_says_next(dev, line):
    """The commands that dev prints work as printed."""
    printed = [text for text in dev.lines[4:] if text.startswith("  ")]
    expect(len(printed) >= 3, f"dev says what to type next: {dev.lines}")
    for text in printed:
        status, _, error = processes.run(["bash", "-c", text], 20, env=line.environment)
        expect_equal(status, 0, f"the exit status of {text.strip()!r}, which dev printed ({error.strip()})")
    # What the printed commands acquired is given back: examples acquire it again.
    for lease in line.value(None, "list"):
        line.value(RELEASE, "release", lease["name"], "--claim", lease["holders"][0]["claim"])


def leases(line):
    """The life of some leases; gives the token of one that stays held."""
    tenure = line.value(TENURE, "acquire", "work/nightly", "--ttl", "60s", "--holder", "me", "--value", "10.0.0.7:80")
    expect_equal((tenure["name"], tenure["holder"], tenure["ttl_ms"]), ("work/nightly", "me", 60_000), "the tenure")
    expect(50_000 < tenure["valid_for_ms"] < 60_000, f"valid_for_ms of 60 s is {tenure['valid_for_ms']}")
    claim = tenure["claim"]
    held = line.failure(
        75, "held", "acquire", "work/nightly", keys=["name", "holder", "token", "remaining_ms"])
    expect_equal((held["holder"], held["token"]), ("me", tenure["token"]), "who holds")
    renewed = line.value(TENURE, "renew", "work/nightly", "--claim", claim)
    expect_equal((renewed["token"], renewed["holder"]), (tenure["token"], "me"), "token and holder of a renewal")

    lease = line.value(None, "get", "work/nightly")
    check_lease(lease, ["get"])
    holder = lease["holders"][0]
    expect_equal((holder["claim"], holder["value"]), (claim, "10.0.0.7:80"), "claim and value as read")
    stale = line.value(None, "get", "work/nightly", "--stale")
    check_lease(stale, ["get", "--stale"], stale=True)
    line.value(UPDATE, "update", "work/nightly", "--claim", claim, "--value", "elsewhere")
    expect_equal(line.value(None, "get", "work/nightly")["holders"][0]["value"], "elsewhere", "the updated value")
    nothing = line.value(None, "get", "never/seen")
    check_lease(nothing, ["get"])
    expect_equal((nothing["capacity"], nothing["holders"], nothing["waiters"]), (1, [], 0), "an unknown name")

    other = line.value(TENURE, "acquire", "work/daily", "--ttl=20s")
    expect(re.fullmatch(r"\S+:\d+", other["holder"]), f"the default holder is host:pid, not {other['holder']!r}")
    listed = line.value(None, "list", "work/")
    expect_equal([lease["name"] for lease in listed], ["work/daily", "work/nightly"], "the names of a list")
    for lease in listed:
        check_lease(lease, ["list"])
    status, output, _ = line.run("list", "work/", "-o", "jsonl")
    expect_equal((status, len(output.splitlines())), (0, 2), "exit status and lines of a list as jsonl")

    for words in (
        ["get", "work/nightly"], ["list"], ["status"], ["renew", "work/nightly", "--claim", claim],
        ["acquire", "work/weekly"], ["--help"], ["--version"],
    ):
        line.table(*words)
    released = line.value(RELEASE, "release", "work/nightly", "--claim", claim)
    expect_equal((released["released"], released["reason"]), (True, None), "a release")
    expect_equal(line.value(RELEASE, "release", "work/nightly", "--claim", claim)["released"], True, "a second release")
    line.failure(79, "ended", "renew", "work/nightly", "--claim", claim, keys=["reason"])
    newer = line.value(TENURE, "acquire", "work/nightly")
    expect(int(newer["token"]) > int(tenure["token"]), f"the token grew: {tenure['token']}, {newer['token']}")
    short = line.value(TENURE, "acquire", "short", "--ttl", "500ms")
    time.sleep(0.6)
    gone = line.failure(79, "ended", "renew", "short", "--claim", short["claim"], keys=["reason"])
    expect_equal(gone["reason"], "expired", "why a lease of 500 ms ended")
    late = line.value(RELEASE, "release", "short", "--claim", short["claim"])
    expect_equal((late["released"], late["reason"]), (False, "expired"), "a release that came too late")
    status = line.value(STATUS, "status")
    for node in status["nodes"]:
        check_keys(node, NODE, ["status"])
    return line.value(TENURE, "acquire", "kept", "--ttl", "10m")["token"]


def failures(line, base):
    """Statuses and codes that need no harm."""
    line.failure(64, "usage", "acquir", "x")
    _, _, error = line.run("acquir", "x")
    expect("acquire" in error, f"a mistyped command gets the nearest name: {error!r}")
    _, _, error = line.run("acquire", "x", "--tll", "5s")
    expect("--ttl" in error, f"a mistyped flag gets the nearest name: {error!r}")
    line.failure(79, "claim_unknown", "renew", "work/nightly", "--claim", "999999999")
    line.failure(79, "claim_unknown", "release", "work/nightly", "--claim", "999999999")
    nobody = f"127.0.0.1:{base + 9}"
    line.failure(69, "unreachable", "status", "--endpoints", nobody, "--timeout", "300ms")
    line.failure(69, "unreachable", "get", "x", "--endpoints", nobody, "--timeout", "300ms")


def lost_output(stage, line, base):
    """What cannot be written is told, and what was acquired with it; a reader that is gone is no failure."""
    def run(words, end):
        return processes.run(["bash", "-c", f"{stage.binary} {words} {end}"], 20, env=line.environment)

    for words in ("--help", "status", "list", "get x", "member list", f"snapshot save {stage.directory}/lost"):
        status, _, error = run(words, ">/dev/full")
        expect_equal(status, 74, f"the exit status of {words} into a full disk ({error.strip()})")
        expect("No space left" in error, f"{words} into a full disk says so: {error!r}")
    status, _, error = run("acquire lost -o json", ">/dev/full")
    told = re.search(r'"name": "lost", "claim": "(\d+)", "token": "\d+"}$', error.strip())
    expect(status == 74 and told, f"an acquire into a full disk tells the claim: {status} {error!r}")
    expect_equal(line.value(RELEASE, "release", "lost", "--claim", told[1])["released"], True, "the lost claim's release")
    status, _, error = run("status", "| true; exit ${PIPESTATUS[0]}")
    expect_equal((status, error), (0, ""), "status into a pipe that nobody reads")


def unknown_outcome(line, dev):
    """An acquire that nobody answers is told as unknown, with what undoes it."""
    leader = next(node for node in line.value(STATUS, "status")["nodes"] if node["role"] == "leader")
    followers = [pid for number, pid in dev.pids.items() if number != leader["id"]]
    for pid in followers:
        os.kill(pid, signal.SIGSTOP)
    try:
        unknown = line.run("acquire", "uncertain", "--ttl", "60s", "--timeout", "700ms", "-o", "json")
    finally:
        for pid in followers:
            os.kill(pid, signal.SIGCONT)
    expect_equal((unknown[0], unknown[1]), (76, ""), f"an acquire without a quorum ({unknown[2]})")
    request = re.search(r'"request": "([0-9a-f]{16}-\d+)"', unknown[2].splitlines()[-1])
    expect(request, f"the request is told: {unknown[2]}")
    cancelled = line.value(CANCEL, "cancel", "uncertain", "--request", request[1])
    expect_equal(cancelled["cancelled"], True, "whether the acquire was undone")
    time.sleep(0.2)
    expect_equal(line.value(None, "get", "uncertain")["holders"], [], "holders after the cancel")
    say("an acquire without a quorum: exit 76, and its request cancelled")


def examples(stage, line, dev):
    """The example of every command's help works as it is printed."""
    folder = f"{stage.directory}/bin"
    os.makedirs(folder)
    os.symlink(stage.binary, f"{folder}/leasehold")
    environment = dict(line.environment, PATH=f"{folder}:{os.environ['PATH']}")
    _, overview, _ = line.run("--help")
    names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", overview, re.MULTILINE)
    expect(len(names) >= 11, f"the commands in the help: {names}")
    played = []
    for name in names:
        text = line.table(*name.split(), "--help")
        heading = re.search(r"^Example(?:, (.*))?:$", text, re.MULTILINE)
        expect(heading, f"the help of {name} has no example")
        example = "\n".join(part.strip() for part in text[heading.end() + 1:].splitlines())
        # These run until they are told to stop, on ports that may be others'; or want a fourth node.
        if name in ("dev", "serve") or "node 4" in (heading[1] or "") or name == "member remove":
            continue
        example = example.replace("127.0.0.1:7401", dev.endpoints.split(",")[0]).replace("/tmp/", f"{stage.directory}/")
        status, _, error = processes.run(["bash", "-ec", example], 20, env=environment)
        expect_equal(status, 0, f"the exit status of the example of {name}: {example!r} ({error.strip()})")
        played.append(name)
    say(f"examples that work as printed: {', '.join(played)}")
    if "bench" in names:
        benches(line)


def benches(line):
    """Each workload, shortly."""
    rates = []
    for workload in ("acquire", "renew", "cycle", "read"):
        result = line.value(BENCH, "bench", "--workload", workload, "--seconds", "1", "--prefix", f"bench-{workload}/")
        expect_equal((result["workload"], result["errors"], result["unknown"]), (workload, 0, 0), "a bench")
        expect(result["ops"] > 0, f"bench {workload} did nothing: {result}")
        rates.append(f"{workload} {result['per_s']:.0f}/s")
    say("bench for a second each: " + ", ".join(rates))


def killed_child(line, dev):
    """A child is killed: dev says so, and its serve command brings the node back."""
    victim = dev.leader
    seen = len(dev.lines)
    os.kill(dev.pids[victim], signal.SIGKILL)
    wait_for(lambda: dev.find(rf"^node {victim} pid {dev.pids[victim]} ", seen), 5, "that dev says who ended")
    command = wait_for(lambda: dev.find(rf"^  (\S.* serve --id {victim} .*)$", seen), 5, "the printed serve command")[1]
    expect(dev.process.poll() is None, "dev stays up when a node ends")
    status = line.value(STATUS, "status")["nodes"]
    expect_equal([node["role"] for node in status if node["id"] == victim], ["unreachable"], "the killed node's role")
    node = processes.start(
        ["bash", "-c", f"exec {command}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def all_there():
        nodes = line.value(STATUS, "status")["nodes"]
        return all(node["role"] in ("leader", "follower") for node in nodes) and nodes[0]["applied"] == nodes[1][
            "applied"] == nodes[2]["applied"] and len({node["digest"] for node in nodes}) == 1

    wait_for(all_there, 15, "that the restarted node catches up")
    node.terminate()
    expect_equal(node.wait(timeout=10), 0, "the exit status of the restarted node after SIGTERM")
    processes.forget(node)
    say(f"node {victim} killed: dev said so, and the printed command brought it back")


def journal(line, home):
    """What stands in a data directory."""
    directory = f"{home}/.local/state/leasehold/dev/1"
    text = line.table("journal", "inspect", directory)
    expect("first bad" in text, f"journal inspect tells the first bad byte: {text[-300:]!r}")
    value = line.value(None, "journal", "inspect", directory)
    expect_equal(value["first_bad"], None, "the first bad byte of a good journal")
    expect(value["entry_count"] > 10, f"entries of a journal in use: {value['entry_count']}")
    line.failure(74, "io_error", "journal", "inspect", f"{home}/nothing")


def five(stage, home):
    """The same with five nodes: two may end."""
    base = free_base()
    dev = Dev(stage.binary, 5, base, home, "--nodes", "5", "--base-port", str(base), "--data", f"{home}/five")
    line = CommandLine(stage.binary, dev.endpoints)
    expect_equal(len(line.value(STATUS, "status")["nodes"]), 5, "nodes of a cluster of five")
    first = line.value(TENURE, "acquire", "five", "--ttl", "60s")
    for number in (dev.leader, dev.leader % 5 + 1):
        os.kill(dev.pids[number], signal.SIGKILL)
    holders = line.value(None, "get", "five")["holders"]
    expect_equal([holder["token"] for holder in holders], [first["token"]], "tokens after two of five were killed")
    line.value(RELEASE, "release", "five", "--claim", first["claim"])
    took = dev.stop()
    say(f"dev with 5 nodes ready after {milliseconds(dev.ready_after)}; served on with two killed; ended after "
        f"{milliseconds(took)}")


commands.seconds = 120
