"""A client of the binary protocol: one connection, and on top of it one that looks for the leader and asks again."""
import random
import socket

import wire
from proof import Contradiction, boot_time


class Closed(Exception):
    """The node ended the connection."""


class Late(Exception):
    """No answer came in time."""


class ConnectionRefusedByNode(Exception):
    """The node said why, and ended the connection."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]


class Connection:
    """One connection to one node; frames as they are, nothing repeated."""

    def __init__(self, address, instance=None, greet=True, timeout=2.0):
        self.instance = instance or random.getrandbits(63) | 1
        self.received = bytearray()
        self.correlation = 0
        self.sent_at = None
        self.welcome = None
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if greet:
            try:
                self.send(wire.client_hello(self.instance))
                self.read_welcome(timeout)
            except BaseException:
                self.close()
                raise

    def send(self, data):
        """Hands bytes to the socket. `sent_at` was read before the first of them went."""
        self.sent_at = boot_time()
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self, timeout):
        """The next frame: kind and body."""
        end = boot_time() + timeout
        while True:
            found = wire.take_frame(self.received)
            if found:
                return found
            left = end - boot_time()
            if left <= 0:
                raise Late()
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(1 << 16)
            except socket.timeout as error:
                raise Late() from error
            except OSError as error:
                raise Closed(str(error)) from error
            if not data:
                raise Closed("ended by the node")
            self.received += data

    def read_welcome(self, timeout):
        kind, body = self.receive(timeout)
        if kind == wire.CONNECTION_ERROR:
            raise ConnectionRefusedByNode(wire.read_connection_error(body))
        if kind != wire.WELCOME:
            raise Contradiction(f"a frame of kind {kind} came instead of a welcome")
        self.welcome = wire.read_welcome(body)

    def next_correlation(self):
        self.correlation += 1
        return self.correlation

    def ask(self, operation, body=b"", timeout=2.0):
        """One request, and the answer to it."""
        correlation = self.next_correlation()
        self.send(wire.request(correlation, operation, body, int(timeout * 1000)))
        return self.answer(correlation, timeout)

    def answer(self, correlation, timeout):
        """The answer to a request that was sent."""
        end = boot_time() + timeout
        while True:
            kind, body = self.receive(max(end - boot_time(), 0))
            if kind == wire.ANSWER:
                answer = wire.read_answer(body)
                if answer["correlation"] == correlation:
                    return answer
            elif kind == wire.CONNECTION_ERROR:
                raise ConnectionRefusedByNode(wire.read_connection_error(body))

    def close(self):
        self.socket.close()


class Refused(Exception):
    """The request was answered: not done, for this reason."""

    def __init__(self, code, answer):
        super().__init__(code)
        self.code, self.answer = code, answer


class UnknownOutcome(Exception):
    """Nobody answered in time; it may have been done, or may yet be."""


class Client:
    """Asks the leader, and asks again elsewhere until the time is up, always with the same request.

    `sent` and `replied` tell when the attempt that was answered began, before its first byte was handed to a socket,
    and when its answer was there.
    """

    def __init__(self, addresses, timeout=10.0, attempt=1.0):
        self.addresses = list(addresses)
        self.timeout, self.attempt = timeout, attempt
        self.instance = random.getrandbits(63) | 1
        self.sequence = 0
        self.newest_seen = 0
        self.connection = None
        self.address = None
        self.sent = self.replied = None
        #: When the first attempt began: it may have been done since then.
        self.first_sent = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def _move(self, address=None):
        self.close()
        if address in self.addresses:
            self.address = address
        else:
            place = self.addresses.index(self.address) + 1 if self.address in self.addresses else 0
            self.address = self.addresses[place % len(self.addresses)]

    def _connect(self):
        if self.connection is None:
            if self.address is None:
                self._move()
            self.connection = Connection(self.address, self.instance, timeout=min(self.attempt, 0.5))
            self.newest_seen = max(self.newest_seen, self.connection.welcome["log_time"])

    def ask(self, operation, make_body):
        """The answer of the leader. The body is made once, at the first attempt."""
        end = boot_time() + self.timeout
        body = None
        handed_on = False
        self.first_sent = None
        while boot_time() < end:
            try:
                self._connect()
                if body is None:
                    body = make_body()
                attempt = self.connection
                correlation = attempt.next_correlation()
                data = wire.request(correlation, operation, body, int(self.timeout * 1000))
                sent = boot_time()
                self.first_sent = self.first_sent or sent
                handed_on = True
                attempt.send(data)
                answer = attempt.answer(correlation, min(self.attempt, max(end - boot_time(), 0.001)))
            except (Closed, Late, ConnectionRefusedByNode, OSError):
                self._move()
                self._pause()
                continue
            self.replied, self.sent = boot_time(), sent
            self.newest_seen = max(self.newest_seen, answer["log_time"])
            if answer["kind"] == "notLeader":
                address = answer["leader"]["address"]
                self._move(address or None)
                if not address:
                    self._pause()
                continue
            if answer["kind"] == "unknown" or wire.code_of(answer) in ("not_ready", "shutting_down", "overloaded"):
                self._pause()
                continue
            return answer
        if handed_on:
            raise UnknownOutcome()
        raise Refused("unreachable", None)

    @staticmethod
    def _pause():
        import time

        time.sleep(0.01)

    def _command(self, make):
        self.sequence += 1
        answer = self.ask(wire.COMMAND, make)
        code = wire.code_of(answer)
        if code:
            raise Refused(code, answer)
        return answer

    def acquire(self, name, ttl, holder="end-to-end", value=b""):
        """Claim and token of the lease that is held now."""
        answer = self._command(
            lambda: wire.acquire(
                self.instance, self.sequence, self.newest_seen, name.encode(), int(ttl * 1e9), holder.encode(), value))
        status = answer["status"]
        if status["state"] != "holding":
            raise Refused(status["state"], answer)
        return answer["claim"], status["token"], status["valid_for"]

    def renew(self, claims):
        """The statuses of the claims, pairs of id and name."""
        body = wire.renew([(claim, name.encode()) for claim, name in claims])
        answer = self.ask(wire.COMMAND, lambda: body)
        code = wire.code_of(answer)
        if code:
            raise Refused(code, answer)
        return answer["statuses"]

    def release(self, claim, name):
        """Why the claim ended."""
        answer = self._command(
            lambda: wire.release(self.instance, self.sequence, self.newest_seen, claim, name.encode()))
        return answer["reason"]

    def get(self, name):
        """The lease, from the leader."""
        answer = self.ask(wire.GET, lambda: wire.get_body(name.encode()))
        code = wire.code_of(answer)
        if code:
            raise Refused(code, answer)
        return answer["lease"]

    def list(self, prefix):
        """Every held lease below a prefix, by name."""
        leases, after = {}, b""
        while True:
            answer = self.ask(wire.LIST, lambda: wire.list_body(prefix.encode(), after))
            code = wire.code_of(answer)
            if code:
                raise Refused(code, answer)
            for lease in answer["leases"]:
                leases[lease["name"]] = lease
            if not answer["more"]:
                return leases
            after = answer["leases"][-1]["name"].encode()
