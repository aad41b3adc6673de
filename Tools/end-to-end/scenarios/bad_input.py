"""Whatever is sent: a clear error with its code, and nothing else disturbed."""
import random
import struct
import threading

import wire
from client import Closed, Connection, ConnectionRefusedByNode, Late
from cluster import Cluster
from command_line import CommandLine
from proof import Contradiction, boot_time, expect, expect_equal, milliseconds, say

NAME = b"bad/name"
SECOND = 10**9
LEASES = 20
NOISE = 150
MUTATIONS = 600
LONGEST = 86_400 * SECOND


def bad_input(stage):
    """Bad frames, bad requests, bad words: each gets its code, and leases, digests and nodes stay as they were."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    cluster = Cluster(stage, "bad-input")
    cluster.start()
    client = cluster.client()
    held = {f"held/{number:02}": client.acquire(f"held/{number:02}", 3600)[:2] for number in range(LEASES)}
    before = {number: status["pid"] for number, status in cluster.statuses().items()}
    watch = Watch(cluster, held)
    watch.start()
    slow = [Slow(cluster, kind) for kind in SLOW]
    for one in slow:
        one.start()

    # A machine that is busy with other things may cost a leader its term; bad input would do so again and again.
    for attempt in range(1, 4):
        term = cluster.leader().status()["term"]
        send_everything(stage, cluster, cluster.leader(), chance)
        if cluster.leader().status()["term"] == term:
            break
        say("a term was begun meanwhile; once more")
    else:
        expect(False, "no term begun while bad input is sent, in one of three attempts")
    say(f"seed {seed}")
    for one in slow:
        one.finish()
    say("slow: " + ", ".join(f"{one.kind} ended after {one.took:.1f} s" for one in slow))
    watch.finish()
    check_after(cluster, held, before)
    say(f"meanwhile {watch.renewals} renewals of {LEASES} leases, the slowest took {milliseconds(watch.slowest)}; all "
        "held under their tokens, no node restarted, no term begun")


def send_everything(stage, cluster, leader, chance):
    """All that does not take long."""
    frames = sum(bad_frames(node.client_address) for node in cluster.nodes.values())
    peers = sum(bad_peers(cluster, node, chance) for node in cluster.nodes.values())
    requests = bad_requests(leader.client_address)
    say(f"{frames} bad frames at three client ports, {peers} at three peer ports, {requests} bad requests: each got "
        "its code")
    noise = sum(make_noise(address, chance) for node in cluster.nodes.values()
                for address in (node.client_address, node.peer_address))
    mutated = mutate(leader.client_address, chance)
    say(f"{noise} connections of random bytes, {MUTATIONS} mutated requests ({mutated})")
    words = bad_words(CommandLine(stage.binary, cluster.endpoints))
    say(f"{words} command lines: each its exit status and code")


def check_after(cluster, held, before):
    """Everything is as it was."""
    leases = cluster.client().list("held/")
    for name, (claim, token) in held.items():
        found = [(holder["claim"], holder["token"]) for holder in leases[name]["holders"]]
        expect_equal(found, [(claim, token)], f"who holds {name} after the bad input")
    cluster.agree()
    after = {number: status["pid"] for number, status in cluster.statuses().items()}
    expect_equal(after, before, "the process of each node after the bad input")
    for node in cluster.nodes.values():
        expect_equal((node.is_running, node.starts), (True, 1), f"whether node {node.id} runs, and its starts")


class Watch(threading.Thread):
    """A client that goes on all the while."""

    def __init__(self, cluster, held):
        super().__init__(daemon=True)
        self.client, self.held = cluster.client(), held
        self.renewals, self.slowest = 0, 0.0
        self.failure = None
        self._over = threading.Event()

    def run(self):
        batch = [(claim, name) for name, (claim, _) in self.held.items()]
        try:
            while not self._over.wait(0.02):
                statuses = self.client.renew(batch)
                self.slowest = max(self.slowest, self.client.replied - self.client.first_sent)
                self.renewals += 1
                for (name, (_, token)), status in zip(self.held.items(), statuses):
                    expect(
                        status["state"] == "holding" and status["token"] == token,
                        f"a renewal of {name} was answered {status}")
        except Exception as failure:  # Told where the watch is ended.
            self.failure = failure

    def finish(self):
        self._over.set()
        self.join(15)
        if self.failure:
            raise self.failure


# Connections

def ended_with(connection, timeout=3.0):
    """The code with which the node ends a connection; answers on the way are passed over."""
    code = None
    while True:
        try:
            kind, body = connection.receive(timeout)
        except Closed:
            return code
        if kind == wire.CONNECTION_ERROR:
            code = wire.read_connection_error(body)["code"]


def check_end(address, data, code, what, greet=True):
    """The bytes get this code, and the connection is ended."""
    connection = Connection(address, greet=greet)
    try:
        connection.send(data)
        try:
            expect_equal(ended_with(connection), code, f"how a connection is ended after {what}")
        except Late as late:
            raise Contradiction(f"a connection goes on after {what}") from late
    finally:
        connection.close()


def bad_frames(address):
    """Frames that end a client's connection."""
    ping = wire.ping(1)
    flipped = bytearray(ping)
    flipped[-1] ^= 1
    hello = wire.client_hello(7)
    body = hello[wire.HEADER_BYTES:]
    cases = [
        (wire.frame(wire.PING, bytes(8), length=0), "frame_length", "a length of 0"),
        (wire.frame(wire.PING, bytes(8), length=15), "frame_length", "a length below the header's"),
        (wire.frame(wire.PING, bytes(8), length=(1 << 20) + 1), "frame_length", "a length beyond 1 MiB"),
        (b"\xff" * 64, "frame_length", "a length of 4 GiB"),
        (bytes(flipped), "checksum", "a flipped bit"),
        (wire.frame(wire.PING, bytes(8), checksum=0), "checksum", "a checksum of 0"),
        (wire.frame(wire.PING, bytes(8), format_number=2), "format_unknown", "an unknown format"),
        (wire.frame(wire.PING, bytes(8), zero=1), "format_unknown", "a reserved field in use"),
        (wire.frame(200, bytes(8)), "kind_unknown", "an unknown kind"),
        (wire.frame(0, bytes(8)), "kind_unknown", "kind 0"),
        (wire.frame(wire.RAFT, bytes(64)), "kind_unknown", "a peer's kind from a client"),
        (wire.frame(wire.WELCOME, bytes(64)), "kind_unknown", "a node's kind from a client"),
        (wire.frame(wire.PUSH, bytes(8)), "kind_unknown", "a reserved kind"),
        (wire.frame(wire.PING, bytes(8), group=1), "group_unknown", "an unknown group"),
        (wire.frame(wire.PING, bytes(7)), "malformed", "a truncated body"),
        (wire.frame(wire.PING, bytes(9)), "malformed", "a body that is too long"),
        (wire.frame(wire.REQUEST, bytes(12)), "malformed", "a request without its head"),
        (hello, "handshake_expected", "a second handshake"),
    ]
    for data, code, what in cases:
        check_end(address, data, code, what)
    greetings = [
        (wire.request(1, wire.GET, wire.get_body(NAME)), "handshake_expected", "a request before the handshake"),
        (ping, "handshake_expected", "a ping before the handshake"),
        (wire.client_hello(7, oldest=2, newest=9), "protocol_unsupported", "versions from 2 on"),
        (wire.client_hello(7, oldest=3, newest=2), "malformed", "versions from 3 to 2"),
        (wire.client_hello(7, cluster=b"\x01" * 16), "wrong_cluster", "a hello to another cluster"),
        (wire.client_hello(7, method=7), "authentication", "an unknown way to authenticate"),
        (wire.frame(wire.CLIENT_HELLO, body[:-1]), "malformed", "a truncated hello"),
        (wire.frame(wire.CLIENT_HELLO, body + b"\0"), "malformed", "a hello that is too long"),
        (wire.frame(wire.CLIENT_HELLO, b""), "malformed", "an empty hello"),
        (b"GET / HTTP/1.1\r\n\r\n", "frame_length", "a request of another protocol"),
    ]
    for data, code, what in greetings:
        check_end(address, data, code, what, greet=False)
    # A whole frame of the greatest length is none of these.
    connection = Connection(address)
    request = wire.request(1, wire.COMMAND, bytes(wire.FRAME_BYTES_MAX - wire.HEADER_BYTES - 13))
    expect_equal(len(request), wire.FRAME_BYTES_MAX, "the greatest frame")
    connection.send(request)
    expect(connection.answer(1, 5)["kind"] in ("refused", "notLeader"), "a frame of 1 MiB is answered")
    connection.close()
    return len(cases) + len(greetings)


def peer_hello(sender, receiver, cluster, incarnation=5, meant=0, oldest=1, newest=1):
    addresses = b"\x0b127.0.0.1:1" * 2
    return wire.frame(
        wire.PEER_HELLO,
        struct.pack("<HHQ", oldest, newest, 0) + cluster
        + struct.pack("<QQQQQ", sender, incarnation, receiver, meant, 0) + addresses + bytes(2))


def bad_peers(cluster, node, chance):
    """Frames that end another node's connection, or what pretends to be one."""
    address = node.peer_address
    own = bytes.fromhex(node.status()["cluster"])
    other = node.id % 3 + 1
    cases = [
        (wire.frame(wire.RAFT, bytes(64)), "handshake_expected", "consensus before the handshake"),
        (wire.client_hello(7), "handshake_expected", "a client at a peer's port"),
        (b"\xff" * 64, "frame_length", "a length of 4 GiB at a peer's port"),
        (wire.frame(200), "kind_unknown", "an unknown kind at a peer's port"),
        (wire.frame(wire.PEER_HELLO, bytes(10)), "malformed", "a truncated hello at a peer's port"),
        (peer_hello(other, node.id, own, oldest=2, newest=3), "protocol_unsupported", "a peer of version 2"),
        (peer_hello(other, other, own), "wrong_node", "a hello to another node"),
        (peer_hello(other, node.id, own, meant=77), "wrong_node", "a hello to another directory"),
        (peer_hello(other, node.id, own), "wrong_node", "a hello from another directory of a member"),
        (peer_hello(other, node.id, b"\x01" * 16), "wrong_cluster", "a hello from another cluster"),
    ]
    for data, code, what in cases:
        check_end(address, data, code, what, greet=False)
    # One that no membership knows may greet, and then says nonsense.
    for kind in (wire.RAFT, wire.RAFT_APPEND, wire.BIRTH):
        for _ in range(5):
            connection = Connection(address, greet=False)
            connection.send(peer_hello(99, node.id, own))
            greeting, _ = connection.receive(3)
            expect_equal(greeting, wire.PEER_HELLO_ANSWER, "the answer to a node that is no member")
            connection.send(wire.frame(kind, chance.randbytes(chance.randrange(0, 39))))
            expect_equal(ended_with(connection), "malformed", "how a peer that says nonsense is ended")
            connection.close()
    return len(cases) + 15


# Requests

def bad_requests(address):
    """Requests in good frames: each is answered, and the connection stays."""
    instance = random.getrandbits(63) | 1
    connection = Connection(address, instance)
    log_time = connection.welcome["log_time"]

    def acquire(sequence, name=NAME, ttl=SECOND, **other):
        return wire.acquire(instance, sequence, log_time, name, ttl, **other)

    texts = {
        "nothing": b"", "256 bytes": b"x" * 256, "65,535 bytes": b"x" * 65_535, "a line feed": b"a\nb",
        "a zero": b"a\0b", "a delete": b"a\x7f", "U+0085": "a\u0085".encode(), "no UTF-8": b"a\xff",
        "half a character": "ä".encode()[:1], "a surrogate": b"\xed\xa0\x80", "an overlong slash": b"\xc0\xaf",
    }
    cases = []
    for what, text in texts.items():
        cases.append((wire.COMMAND, acquire(100, name=text), "name_invalid", f"a name of {what}"))
        cases.append((wire.COMMAND, acquire(100, holder=text), "holder_invalid", f"a label of {what}"))
        cases.append((wire.GET, wire.get_body(text), "name_invalid", f"a get of {what}"))
        if what in ("256 bytes", "65,535 bytes"):
            cases.append((wire.LIST, wire.list_body(text), "name_invalid", f"a list of {what}"))
            cases.append(
                (wire.COMMAND, wire.release(instance, 100, log_time, 1, text), "name_invalid", f"a release of {what}"))
    for ttl in (0, 1, SECOND // 2 - 1, LONGEST + 1, 1 << 63, (1 << 64) - 1):
        cases.append((wire.COMMAND, acquire(100, ttl=ttl), "ttl_out_of_range", f"a TTL of {ttl} ns"))
    for size in (4097, 60_000):
        cases.append((wire.COMMAND, acquire(100, value=bytes(size)), "value_too_long", f"a value of {size} bytes"))
        value = wire.update(instance, 100, log_time, 1, NAME, bytes(size))
        cases.append((wire.COMMAND, value, "value_too_long", f"an update with {size} bytes"))
    for what, other in {"capacity 0": {"capacity": 0}, "capacity 2": {"capacity": 2}, "waiting": {"wait": SECOND},
                        "a lock-delay": {"lock_delay": SECOND}}.items():
        cases.append((wire.COMMAND, acquire(100, **other), "not_supported", what))
    good = acquire(100)
    renewals = [(1 + number, b"") for number in range(1001)]
    cases += [
        (wire.COMMAND, acquire(100, kind=200), "not_supported", "an unknown command"),
        (wire.COMMAND, acquire(100, kind=16), "not_supported", "a command that is reserved"),
        (wire.COMMAND, acquire(100, format_number=9), "not_supported", "a command of an unknown format"),
        (wire.COMMAND, b"", "malformed", "an empty command"),
        (wire.COMMAND, good[:-1], "malformed", "a truncated command"),
        (wire.COMMAND, good + b"\0", "malformed", "a command with something behind it"),
        (wire.COMMAND, wire.acquire(0, 100, log_time, NAME, SECOND), "malformed", "no instance"),
        (wire.COMMAND, acquire(0), "malformed", "no sequence"),
        (wire.COMMAND, wire.renew(renewals), "malformed", "a renewal of 1,001 claims"),
        (wire.COMMAND, wire.renew(renewals)[:-1], "malformed", "a truncated renewal"),
        (wire.GET, b"", "malformed", "an empty get"), (wire.GET, b"\2\0\0\0\0", "malformed", "a get with a bad flag"),
        (wire.LIST, b"\0", "malformed", "a truncated list"), (99, b"", "not_supported", "an unknown operation"),
        (wire.COMMAND, wire.release(instance, 101, log_time, 1 << 60, NAME), "claim_unknown", "a claim that never was"),
        (wire.COMMAND, wire.update(instance, 102, log_time, 1 << 60, NAME, b"v"), "claim_unknown",
         "an update of a claim that never was"),
    ]
    for operation, body, code, what in cases:
        expect_equal(wire.code_of(connection.ask(operation, body)), code, f"the code of {what}")
        connection.send(wire.ping(1))
        expect_equal(connection.receive(2)[0], wire.PONG, f"what a ping gets after {what}")
    statuses = connection.ask(wire.COMMAND, wire.renew([(1 << 60, NAME), (0, b"")]))["statuses"]
    expect_equal([status["state"] for status in statuses], ["unknown"] * 2, "a renewal of claims that never were")
    once_only(connection, instance, log_time)
    limits_hold(connection, instance, log_time)
    connection.close()
    return len(cases) + 5


def once_only(connection, instance, log_time):
    """A request runs once: again it gets its first answer, changed it is refused, and below the mark it is too old."""
    first = wire.acquire(instance, 200, log_time, b"bad/once", SECOND)
    claim = connection.ask(wire.COMMAND, first)["claim"]
    expect_equal(connection.ask(wire.COMMAND, first)["claim"], claim, "the claim of a repeated acquire")
    other = wire.acquire(instance, 200, log_time, b"bad/other", SECOND)
    expect_equal(wire.code_of(connection.ask(wire.COMMAND, other)), "request_reused", "the code of changed content")
    old = wire.acquire(instance, 199, log_time, b"bad/old", SECOND)
    expect_equal(wire.code_of(connection.ask(wire.COMMAND, old)), "too_old", "the code of a request below the mark")


def limits_hold(connection, instance, log_time):
    """What is just within the limits is done."""
    sequence = 300
    for name, ttl, holder, value in (
        (b"n" * 255, SECOND, b"h", b""), (b"bad/label", SECOND, b"h" * 255, b""),
        (b"bad/value", SECOND, b"h", bytes(4096)), (b"bad/short", SECOND // 2, b"h", b""),
        (b"bad/long", LONGEST, b"h", b""), ("bad/ä/😀".encode(), SECOND, "ü".encode(), b"\xff\0"),
    ):
        sequence += 1
        answer = connection.ask(
            wire.COMMAND, wire.acquire(instance, sequence, log_time, name, ttl, holder=holder, value=value))
        expect_equal(wire.code_of(answer), None, f"the code of an acquire of {name[:20]!r} within the limits")
    answer = connection.ask(wire.COMMAND, wire.renew([(1 << 60, b"x" * 255)] * 1000))
    expect_equal(len(answer.get("statuses", [])), 1000, "the statuses of a renewal of 1,000 claims")


# Noise

def make_noise(address, chance):
    """Random bytes: none is answered with anything but an error."""
    for _ in range(NOISE // 6):
        connection = Connection(address, greet=False)
        try:
            data = chance.randbytes(chance.choice([1, 3, 16, 100, 5000]))
            # Or random bytes that claim a good length.
            if chance.random() < 0.5:
                data = struct.pack("<I", max(16, len(data))) + data
            connection.send(data)
            connection.socket.shutdown(1)
            code = ended_with(connection)
            expect(code is None or code in wire.CONNECTION_ERRORS.values(), f"random bytes were answered {code}")
        except (Closed, OSError):
            pass
        finally:
            connection.close()
    return NOISE // 6


def mutate(address, chance):
    """Requests with changed bytes under good checksums: the decoders behind the frames get them."""
    instance = random.getrandbits(63) | 1
    connection = Connection(address, instance)
    log_time = connection.welcome["log_time"]
    answered = ended = 0
    for number in range(MUTATIONS):
        claim = (1 << 50) + number
        bodies = [
            (wire.COMMAND, wire.acquire(instance, 1 + number, log_time, b"mutated", SECOND, value=b"v" * 9)),
            (wire.COMMAND, wire.renew([(claim, b"mutated"), (claim + 1, b"")])),
            (wire.COMMAND, wire.release(instance, 1 + number, log_time, claim, b"mutated")),
            (wire.COMMAND, wire.update(instance, 1 + number, log_time, claim, b"mutated", b"value")),
            (wire.GET, wire.get_body(b"mutated")), (wire.LIST, wire.list_body(b"mut", b"mutated", 5)),
        ]
        operation, body = chance.choice(bodies)
        body = mutated(body, chance)
        try:
            connection.ask(operation, body, timeout=3)
            answered += 1
        except (Closed, ConnectionRefusedByNode):
            ended += 1
            connection = Connection(address, instance)
        except Late as late:
            raise Contradiction(f"a mutated request was not answered: operation {operation}, {body.hex()}") from late
    connection.close()
    expect(ended == 0, f"{ended} connections were ended for bad requests in good frames")
    return f"{answered} answered, on one connection"


def mutated(body, chance):
    """Some bytes changed, left out or put in. The first two say what the bytes are, and stay."""
    data = bytearray(body)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(2, max(3, len(data)))
        change = chance.randrange(4)
        if change == 0 and place < len(data):
            data[place] = chance.randrange(256)
        elif change == 1 and place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        elif change == 2:
            del data[place:place + chance.randrange(1, 6)]
        else:
            data[place:place] = chance.randbytes(chance.randrange(1, 6))
    return bytes(data)


# Slow ones

SLOW = {
    "a silent client": ("client", b"", False, "handshake_timeout", 5),
    "half a handshake": ("client", wire.client_hello(7)[:20], False, "handshake_timeout", 5),
    "a silent peer": ("peer", b"", False, "handshake_timeout", 5),
    "half a frame": ("client", wire.ping(1)[:20], True, "frame_timeout", 10),
}


class Slow(threading.Thread):
    """A connection that does not go on: it is ended in time, and not before."""

    def __init__(self, cluster, kind):
        super().__init__(daemon=True)
        self.kind = kind
        self.port, self.data, self.greet, self.code, self.seconds = SLOW[kind]
        node = cluster.nodes[1]
        self.address = node.client_address if self.port == "client" else node.peer_address
        self.took = self.found = None

    def run(self):
        connection = Connection(self.address, greet=self.greet)
        began = boot_time()
        if self.data:
            connection.send(self.data)
        try:
            self.found = ended_with(connection, self.seconds + 4)
        except Late:
            self.found = "nothing"
        self.took = boot_time() - began
        connection.close()

    def finish(self):
        self.join(20)
        expect_equal(self.found, self.code, f"how {self.kind} is ended")
        expect(self.took >= self.seconds - 0.05, f"{self.kind} was ended after {self.took:.2f} s already")


# Words

def bad_words(line):
    """Command lines that are refused, by the client or by the cluster."""
    cases = [
        (64, "name_invalid", ["acquire", ""]), (64, "name_invalid", ["acquire", "x" * 256]),
        (64, "name_invalid", ["acquire", "a\nb"]), (64, "name_invalid", ["get", "a\tb"]),
        (64, "name_invalid", ["get", ""]), (64, "name_invalid", ["list", "x" * 256]),
        (64, "holder_invalid", ["acquire", "x", "--holder", ""]),
        (64, "holder_invalid", ["acquire", "x", "--holder", "y" * 256]),
        (64, "holder_invalid", ["acquire", "x", "--holder", "a\x1bb"]),
        (64, "value_too_long", ["acquire", "x", "--value", "v" * 4097]),
        (64, "value_too_long", ["update", "x", "--claim", "1", "--value", "v" * 4097]),
        (64, "ttl_out_of_range", ["acquire", "x", "--ttl", "499ms"]),
        (64, "ttl_out_of_range", ["acquire", "x", "--ttl", "25h"]),
        (64, "ttl_out_of_range", ["acquire", "x", "--ttl", "0s"]),
        (64, "usage", ["acquire", "x", "--ttl", "15"]), (64, "usage", ["acquire", "x", "--ttl", "-5s"]),
        (64, "usage", ["acquire", "x", "--ttl", "99999999999999999999h"]), (64, "usage", ["acquire"]),
        (64, "usage", ["acquire", "x", "y"]), (64, "usage", ["acquire", "x", "--ttl"]),
        (64, "usage", ["acquire", "x", "--frobnicate", "1"]), (64, "usage", ["frobnicate"]), (64, "usage", []),
        (64, "usage", ["renew", "x"]), (64, "usage", ["renew", "x", "--claim", "abc"]),
        (64, "usage", ["release", "x", "--claim", "-1"]), (64, "usage", ["cancel", "x", "--request", "nonsense"]),
        (64, "usage", ["get", "x", "--endpoints", "nonsense"]), (64, "usage", ["get", "x", "--timeout", "soon"]),
        (64, "usage", ["serve", "--id", "1"]), (64, "usage", ["serve", "--id", "0"]),
        (64, "usage", ["dev", "--nodes", "0"]), (64, "usage", ["dev", "--base-port", "99999"]),
        (64, "usage", ["bench", "--workload", "nonsense"]), (64, "usage", ["bench"]),
        (79, "claim_unknown", ["renew", "x", "--claim", "1"]),
        (79, "claim_unknown", ["release", "x", "--claim", "18446744073709551615"]),
        (79, "claim_unknown", ["update", "x", "--claim", "999999", "--value", "v"]),
    ]
    for status, code, words in cases:
        line.failure(status, code, *words)
    status, output, error = line.run("get", "x", "-o", "yaml")
    expect_equal((status, output), (64, ""), f"exit status and output of an unknown form ({error})")
    return len(cases) + 1


bad_input.seconds = 90
