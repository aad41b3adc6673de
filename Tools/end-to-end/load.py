"""Many connections that each always have one request under way, in one thread."""
import random
import selectors
import socket
import struct

import wire
from proof import Contradiction, boot_time, expect


class Line:
    """One connection: acquires a name and releases it, over and over."""

    def __init__(self, address, number):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.instance = random.getrandbits(63) | 1
        self.name = b"load/%05d" % number
        self.received = bytearray()
        self.sequence = self.log_time = 0
        self.claim = None
        self.socket.sendall(wire.client_hello(self.instance))

    def send(self):
        """The next request: an acquire, or the release of what is held."""
        self.sequence += 1
        if self.claim is None:
            body = wire.acquire(self.instance, self.sequence, self.log_time, self.name, 60 * 10**9)
        else:
            body = wire.release(self.instance, self.sequence, self.log_time, self.claim, self.name)
        self.socket.sendall(wire.request(self.sequence, wire.COMMAND, body))

    def take(self):
        """Reads what is there; how many answers it was. Each is followed by the next request."""
        self.received += self.socket.recv(1 << 16)
        answers = 0
        while True:
            found = wire.take_frame(self.received)
            if not found:
                return answers
            kind, body = found
            if kind == wire.WELCOME:
                self.log_time = wire.read_welcome(body)["log_time"]
                self.send()
            elif kind == wire.ANSWER:
                answers += 1
                outcome = body[20:22]
                # An answer's kind, and behind it the outcome's: 1 is acquired, 3 released.
                if outcome == b"\x01\x01":
                    self.claim = struct.unpack_from("<Q", body, 22)[0]
                elif outcome == b"\x01\x03":
                    self.claim = None
                else:
                    raise Contradiction(f"the load was answered {wire.read_answer(body)}")
                self.send()


def run(address, connections, seconds):
    """Keeps all connections busy for so long: the answered requests, and the time they took."""
    lines = [Line(address, number) for number in range(connections)]
    selector = selectors.DefaultSelector()
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
    began, answers = boot_time(), 0
    while boot_time() < began + seconds:
        for key, _ in selector.select(0.5):
            answers += key.data.take()
    took = boot_time() - began
    for line in lines:
        line.socket.close()
    selector.close()
    expect(answers > 0, "the load was answered")
    return answers, took
