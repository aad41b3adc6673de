"""What a node asks of the kernel, as strace writes it down, and what it may not say before its disk has it.

A line of `strace -f -xx` is `PID call(arguments) = result`. A call that another thread's line interrupts is written in
two, `call(… <unfinished ...>` and `<... call resumed>…`; its effect lies between the two. strace stops a thread at
the beginning and at the end of each traced call and writes in the order of these stops, so for two calls A and B of
one process: when the line of A's end stands before the line of B's beginning, A had ended before B began.
"""
import re
import struct

import wire
from proof import expect

#: Traced: all that writes, syncs or sends. Enough of each buffer is shown for the headers that are looked at.
CALLS = "pwrite64,pwritev,pwritev2,write,writev,fdatasync,fsync,sync_file_range,sendto,sendmsg,recvfrom,openat"
SHOWN_BYTES = 1024

_LINE = re.compile(r"^(\d+) +(\d+\.\d+) (?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
_BUFFER = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_RESULT = re.compile(r"\) += (-?\d+)")
_OFFSET = re.compile(r", (\d+)\) += ")


def strace(path):
    """The words before a command that trace it."""
    return ["strace", "-f", "-ttt", "-xx", "-s", str(SHOWN_BYTES), "-e", f"trace={CALLS}", "-e", "signal=none", "-o",
            path]


class Call:
    """A system call: when it began and ended, as places in the trace and in time."""

    def __init__(self, name, thread, began, text, time):
        self.name, self.thread, self.began, self.text = name, thread, began, text
        self.ended = self.result = None
        self.began_at = time
        self.ended_at = None

    @property
    def file(self):
        return int(re.match(r"(\d+)", self.text)[1])

    @property
    def data(self):
        """What of the buffer is shown."""
        found = _BUFFER.search(self.text)
        return bytes.fromhex(found[1].replace("\\x", "")) if found else b""


def calls(path):
    """All calls of a trace that ended, in the order of their ends."""
    under_way, ended = {}, []
    with open(path, encoding="ascii", errors="replace") as trace:
        for place, line in enumerate(trace):
            found = _LINE.match(line)
            if not found:
                continue
            thread, time, resumed, name, rest = found.groups()
            if resumed:
                call = under_way.pop(thread, None)
                if call is None:
                    continue
                call.text += rest
            else:
                call = Call(name, thread, place, rest, float(time))
                if rest.rstrip().endswith("<unfinished ...>"):
                    call.text = rest.rstrip()[:-len("<unfinished ...>")]
                    under_way[thread] = call
                    continue
            result = _RESULT.search(call.text)
            if result:
                call.ended, call.ended_at, call.result = place, float(time), int(result[1])
                ended.append(call)
    return ended


def frames(data):
    """The whole frames at the beginning of sent bytes, with kind and body."""
    rest, found = bytearray(data), []
    while len(rest) >= wire.HEADER_BYTES:
        length = int.from_bytes(rest[:4], "little")
        if length < wire.HEADER_BYTES or rest[8] != 1:
            break
        taken = wire.take_frame(rest)
        if taken is None:
            break
        found.append(taken)
    return found


class Journal:
    """What of a node's journal is durable at each moment of a trace."""

    def __init__(self):
        #: By file: batches written and not synced, (place of the write's end, last index, number, term).
        self.written = {}
        self.synced_index = self.synced_number = self.synced_term = 0
        self.batches = self.syncs = 0
        #: (time of the sync's end, index) in order.
        self.history = []
        self.files = set()

    def wrote(self, call):
        """A batch, if the bytes are one. Nothing else is looked at."""
        data = call.data
        if data[:4] != b"LHJB" or len(data) < 96:
            return
        number, last = struct.unpack_from("<Q", data, 24)[0], struct.unpack_from("<Q", data, 64)[0]
        # One batch after the other: none is begun before the sync of the one before has ended.
        expect(
            number == self.synced_number + 1 or self.batches == 0,
            f"batch {number} is written while {self.synced_number} is the newest that is synced")
        self.batches += 1
        self.files.add(call.file)
        self.written.setdefault(call.file, []).append((call.ended, last, number, hard_state_term(data)))

    def synced(self, call):
        """All that was written to the file before the sync began is durable now that it has ended."""
        if call.file not in self.files:
            return
        self.syncs += 1
        waiting = self.written.get(call.file, [])
        for batch in [batch for batch in waiting if batch[0] < call.began]:
            waiting.remove(batch)
            self.synced_index, self.synced_number = batch[1], batch[2]
            self.synced_term = max(self.synced_term, batch[3])
            self.history.append((call.ended_at, self.synced_index))


def hard_state_term(data):
    """The term that a batch stores first, if it stores one."""
    payload = data[96:]
    if len(payload) >= 24 and struct.unpack_from("<II", payload) == (1, 16):
        return struct.unpack_from("<Q", payload, 8)[0]
    return 0
