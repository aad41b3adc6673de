"""The bytes of the client's protocol, and of what of the others' protocol is looked at.

Written from the description of the layouts, apart from the product's own code: a mistake in either shows as a
contradiction between them.
"""
import struct

CONNECTION_ERROR, PEER_HELLO, PEER_HELLO_ANSWER, RAFT, RAFT_APPEND, BIRTH = 1, 2, 3, 4, 5, 6
CLIENT_HELLO, WELCOME, AUTHENTICATE, REQUEST, ANSWER, PING, PONG, LEADER, PUSH = 32, 33, 34, 35, 36, 37, 38, 39, 40

COMMAND, GET, LIST, STATUS, SETTINGS = 1, 2, 3, 4, 5
OUTCOME, LEASE, PAGE, STATUS_ANSWER, SETTINGS_ANSWER, NOT_LEADER, REFUSED, UNKNOWN, DECLINED = range(1, 10)

FRAME_BYTES_MAX = 1 << 20
HEADER_BYTES = 16

CONNECTION_ERRORS = {
    1: "frame_length", 2: "checksum", 3: "format_unknown", 4: "kind_unknown", 5: "malformed", 6: "handshake_expected",
    7: "handshake_timeout", 8: "frame_timeout", 9: "protocol_unsupported", 10: "wrong_cluster", 11: "wrong_node",
    12: "disk_rolled_back", 13: "too_many_connections", 14: "slow_reader", 15: "shutting_down", 16: "authentication",
    17: "group_unknown",
}
REFUSALS = {
    1: "overloaded", 2: "disk_low", 3: "not_ready", 4: "shutting_down", 5: "deadline_passed", 6: "denied",
    7: "not_supported", 8: "malformed", 9: "internal",
}
REASONS = {
    1: "released", 2: "expired", 3: "cancelled", 4: "revoked", 5: "broken", 6: "handedOver", 7: "restored",
}
ERRORS = {
    1: "name_invalid", 2: "holder_invalid", 3: "value_too_long", 4: "ttl_out_of_range", 5: "capacity_mismatch",
    6: "not_supported", 7: "held", 8: "claim_unknown", 9: "ended", 10: "too_old", 11: "request_reused",
    12: "overloaded", 13: "malformed", 14: "setting_invalid",
}
ROLES = {1: "leader", 2: "follower", 3: "candidate", 4: "learner"}


def _crc_table():
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ 0x82F63B78 if value & 1 else value >> 1
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(data, crc=0):
    """CRC-32C (RFC 3720, appendix B.4) of the bytes, or its continuation."""
    crc ^= 0xFFFFFFFF
    table = _TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


# Frames

def frame(kind, body=b"", group=0, format_number=1, zero=0, length=None, checksum=None):
    """A whole frame; what is wrong on purpose is named."""
    rest = struct.pack("<BBHI", format_number, kind, zero, group) + body
    size = struct.pack("<I", len(rest) + 8 if length is None else length)
    check = crc32c(rest, crc32c(size)) if checksum is None else checksum
    return size + struct.pack("<I", check) + rest


def take_frame(received):
    """The first frame of a buffer, taken out of it: kind and body; None while it is not all there."""
    if len(received) < HEADER_BYTES:
        return None
    length = int.from_bytes(received[:4], "little")
    if len(received) < length:
        return None
    kind, body = received[9], bytes(received[HEADER_BYTES:length])
    del received[:length]
    return kind, body


class Reader:
    """Reads fields one after the other."""

    def __init__(self, data):
        self.data, self.offset = data, 0

    def number(self, count):
        value = int.from_bytes(self.slice(count), "little")
        return value

    def signed(self):
        return int.from_bytes(self.slice(8), "little", signed=True)

    def slice(self, count):
        if self.offset + count > len(self.data):
            raise ValueError("an answer is shorter than its layout")
        self.offset += count
        return bytes(self.data[self.offset - count:self.offset])

    def text(self, width):
        return self.slice(self.number(width)).decode()


# What a client says

def client_hello(instance, oldest=1, newest=1, cluster=bytes(16), method=0):
    body = struct.pack("<HHQ", oldest, newest, 0) + cluster + struct.pack("<QBHH", instance, method, 0, 0)
    return frame(CLIENT_HELLO, body)


def ping(correlation):
    return frame(PING, struct.pack("<Q", correlation))


def request(correlation, operation, body=b"", remaining_ms=10_000, group=0):
    return frame(REQUEST, struct.pack("<QIB", correlation, remaining_ms, operation) + body, group=group)


def get_body(name, stale=False):
    return struct.pack("<BH", stale, len(name)) + name + bytes(2)


def list_body(prefix=b"", after=b"", limit=0, stale=False):
    return (
        struct.pack("<BH", stale, len(prefix)) + prefix + struct.pack("<H", len(after)) + after
        + struct.pack("<I", limit) + bytes(2)
    )


def _head(kind, instance, sequence, newest_seen, format_number=1, lowest=None):
    lowest = sequence if lowest is None else lowest
    return struct.pack("<BBHQQQQH", format_number, kind, 0, instance, sequence, lowest, newest_seen, 0)


def acquire(instance, sequence, newest_seen, name, ttl_ns, holder=b"end-to-end", value=b"", capacity=1, wait=0,
            lock_delay=0, format_number=1, kind=1):
    return (
        _head(kind, instance, sequence, newest_seen, format_number)
        + struct.pack("<QQQIHHI", ttl_ns, wait, lock_delay, capacity, len(name), len(holder), len(value))
        + name + holder + value
    )


def renew(claims):
    """Claims are pairs of id and name."""
    body = struct.pack("<BBHH", 1, 2, 0, len(claims))
    for claim, name in claims:
        body += struct.pack("<QHH", claim, len(name), 0) + name
    return body


def release(instance, sequence, newest_seen, claim, name=b""):
    return _head(3, instance, sequence, newest_seen) + struct.pack("<QH", claim, len(name)) + name


def update(instance, sequence, newest_seen, claim, name, value):
    return (
        _head(5, instance, sequence, newest_seen) + struct.pack("<QHI", claim, len(name), len(value)) + name + value
    )


# What a node says

def _leader(reader):
    node, term = reader.number(8), reader.number(8)
    return {"node": node or None, "term": term, "address": reader.text(1)}


def read_connection_error(body):
    reader = Reader(body)
    code = reader.number(2)
    reader.slice(4)
    return {"code": CONNECTION_ERRORS.get(code, code), "message": reader.text(2)}


def read_welcome(body):
    reader = Reader(body)
    reader.slice(2 + 8)
    cluster, node = reader.slice(16), reader.number(8)
    reader.slice(4 + 8 + 2 + 2 + 4 + 2 + 8 + 8)
    return {"cluster": cluster, "node": node, "log_time": reader.number(8), "leader": _leader(reader)}


def read_status_of_claim(reader):
    kind = reader.number(1)
    if kind == 0:
        return {"state": "unknown"}
    if kind == 1:
        return {"state": "waiting", "position": reader.number(4)}
    if kind == 2:
        return {"state": "holding", "token": reader.number(8), "valid_for": reader.signed() / 1e9}
    if kind == 3:
        reason, valid_for = REASONS[reader.number(1)], reader.signed() / 1e9
        reader.slice(reader.number(2))
        return {"state": "ending", "reason": reason, "valid_for": valid_for}
    reason = REASONS[reader.number(1)]
    reader.slice(reader.number(2))
    return {"state": "ended", "reason": reason}


def read_error(reader):
    error = {"code": ERRORS[reader.number(1)]}
    if error["code"] == "ttl_out_of_range":
        reader.slice(16)
    elif error["code"] == "held":
        error["token"], error["remaining"] = reader.number(8), reader.signed() / 1e9
        error["name"], error["holder"] = reader.text(2), reader.text(2)
    elif error["code"] == "ended":
        error["reason"] = REASONS[reader.number(1)]
    return error


def _outcome(reader):
    kind = reader.number(1)
    if kind == 1:
        return {"outcome": "acquired", "claim": reader.number(8), "status": read_status_of_claim(reader)}
    if kind == 2:
        return {"outcome": "renewed", "statuses": [read_status_of_claim(reader) for _ in range(reader.number(2))]}
    if kind == 3:
        return {"outcome": "released", "claim": reader.number(8), "reason": REASONS[reader.number(1)]}
    if kind == 4:
        return {"outcome": "cancelled", "what": reader.number(1), "claim": reader.number(8)}
    if kind == 5:
        return {"outcome": "updated", "claim": reader.number(8)}
    if kind == 7:
        return {"outcome": "refused", "error": read_error(reader)}
    return {"outcome": kind}


def _lease(reader):
    lease = {"name": reader.text(2), "capacity": reader.number(4), "waiters": reader.number(4), "holders": []}
    for _ in range(reader.number(4)):
        holder = {"claim": reader.number(8), "token": reader.number(8), "ttl": reader.signed() / 1e9}
        holder["remaining"] = reader.signed() / 1e9
        holder["holder"], holder["value"] = reader.text(2), reader.slice(reader.number(2))
        lease["holders"].append(holder)
    return lease


def _node_status(reader):
    status = {"cluster": reader.slice(16).hex(), "id": reader.number(8), "incarnation": reader.number(8)}
    status["role"] = ROLES[reader.number(1)]
    for key in ("term", "leader", "last", "commit", "applied", "pid"):
        status[key] = reader.number(8)
    status["client_address"], status["peer_address"] = reader.text(1), reader.text(1)
    high, low = reader.number(8), reader.number(8)
    status["digest"] = f"{high:016x}{low:016x}"
    return status


def read_answer(body):
    """An answer as a dictionary; `kind` says what else is in it."""
    reader = Reader(body)
    answer = {"correlation": reader.number(8), "log_time": reader.number(8)}
    reader.slice(4)
    kind = reader.number(1)
    answer["kind"] = {
        OUTCOME: "outcome", LEASE: "lease", PAGE: "page", STATUS_ANSWER: "status", SETTINGS_ANSWER: "settings",
        NOT_LEADER: "notLeader", REFUSED: "refused", UNKNOWN: "unknown", DECLINED: "declined",
    }.get(kind, kind)
    if kind == OUTCOME:
        answer.update(_outcome(reader))
    elif kind == LEASE:
        answer["index"], answer["silence"] = reader.number(8), reader.number(8) / 1e9
        answer["lease"] = _lease(reader)
    elif kind == PAGE:
        answer["index"], answer["silence"] = reader.number(8), reader.number(8) / 1e9
        reader.slice(8)
        answer["more"] = reader.number(1) == 1
        answer["leases"] = [_lease(reader) for _ in range(reader.number(4))]
    elif kind == STATUS_ANSWER:
        answer["status"] = _node_status(reader)
    elif kind == NOT_LEADER:
        answer["leader"] = _leader(reader)
    elif kind == REFUSED:
        answer["code"] = REFUSALS.get(reader.number(2), "?")
        reader.slice(4)
        answer["message"] = reader.text(2)
    elif kind == DECLINED:
        answer["error"] = read_error(reader)
    return answer


def code_of(answer):
    """The stable code of an answer that is no success, else None."""
    if answer["kind"] == "declined":
        return answer["error"]["code"]
    if answer["kind"] == "refused":
        return answer["code"]
    if answer["kind"] == "outcome" and answer["outcome"] == "refused":
        return answer["error"]["code"]
    return None
