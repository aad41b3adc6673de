"""Nodes as processes of the built binary, started and ended one by one."""
import os
import re
import shutil
import signal
import socket

import processes
import wire
from client import Client, Closed, Connection, ConnectionRefusedByNode, Late
from proof import Contradiction, boot_time, expect, expect_equal, wait_for

#: What a node may write to its standard error while it lives: time, level, event, message.
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|notice|warning|error) \w+( .*)?$")
#: What a command that fails says last.
FAILURE_LINE = re.compile(r'^leasehold: .* \(\w+\)$|^\{"error": "\w+", "message": ".*\}$')

#: Clients connect from one above a base on, other nodes from a hundred and one above it.
_bases = iter([hundred + ten for hundred in range(9000, 10000, 200) for ten in range(0, 100, 10)])


def free_base():
    """A base port with nothing listening above it. Each is given once."""
    for base in _bases:
        if all(_is_free(base + offset + node) for offset in (0, 100) for node in range(1, 10)):
            return base
    raise Contradiction("no free ports between 9000 and 10000")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Node:
    """One node, running or not."""

    def __init__(self, cluster, number):
        self.cluster, self.id = cluster, number
        self.client_address = f"127.0.0.1:{cluster.base + number}"
        self.peer_address = f"127.0.0.1:{cluster.base + 100 + number}"
        self.data = f"{cluster.directory}/{number}"
        self.log = f"{cluster.directory}/{number}.log"
        #: Where the cluster is that it joins, for a node that is not of the founders.
        self.join = None
        self.process = None
        self.starts = 0
        self._log_end = 0

    def arguments(self, **other):
        """The command that serves it; some words may be others."""
        words = {
            "id": self.id, "data": self.data, "listen-client": self.client_address, "listen-peer": self.peer_address,
            "cluster": self.cluster.members,
        }
        if self.join:
            del words["cluster"]
            words["join"] = self.join
        words.update(self.cluster.options)
        words.update({key.replace("_", "-"): value for key, value in other.items()})
        command = [self.cluster.binary, "serve"]
        for key, value in words.items():
            command += [f"--{key}", str(value)]
        return command

    def start(self, before=(), **other):
        """Starts it; it need not be ready yet."""
        expect(not self.is_running, f"node {self.id} runs already")
        with open(self.log, "ab") as log:
            self._log_end = log.tell()
            self.process = processes.start(
                list(before) + self.arguments(**other), stdout=log, stderr=log, start_new_session=True)
        self.starts += 1

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        """What it wrote since its last start."""
        with open(self.log, "rb") as log:
            log.seek(self._log_end)
            return log.read().decode(errors="replace")

    def kill(self):
        """kill -9, and waits until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.gone()

    def gone(self):
        """Waits for its end: the exit status."""
        status = self.process.wait(timeout=10)
        processes.forget(self.process)
        return status

    def exit_within(self, seconds):
        """The exit status of a node that must end by itself."""
        wait_for(lambda: not self.is_running, seconds, f"the end of node {self.id} (it said: {self.said()[-400:]!r})")
        return self.gone()

    def status(self, timeout=0.5):
        """What it says of itself; None when it does not answer."""
        try:
            connection = Connection(self.client_address, timeout=timeout)
        except (OSError, Closed, Late, ConnectionRefusedByNode):
            return None
        try:
            answer = connection.ask(wire.STATUS, timeout=timeout)
            return answer.get("status")
        except (OSError, Closed, Late, ConnectionRefusedByNode):
            return None
        finally:
            connection.close()


class Cluster:
    """A cluster of its own, in a directory of its own. Options are those of `serve`, for every node."""

    def __init__(self, stage, name, nodes=3, **options):
        self.binary = stage.binary
        self.options = {key.replace("_", "-"): value for key, value in options.items()}
        self.base = free_base()
        self.directory = f"{stage.directory}/{name}"
        os.makedirs(self.directory)
        self.nodes = {number: Node(self, number) for number in range(1, nodes + 1)}
        self._founders = list(self.nodes.values())
        self._clients = []
        stage.clusters.append(self)

    @property
    def members(self):
        return ",".join(f"{node.id}={node.peer_address}/{node.client_address}" for node in self._founders)

    @property
    def addresses(self):
        return [node.client_address for node in self.nodes.values()]

    @property
    def endpoints(self):
        return ",".join(self.addresses)

    @property
    def running(self):
        return [node for node in self.nodes.values() if node.is_running]

    def client(self, **options):
        client = Client(self.addresses, **options)
        self._clients.append(client)
        return client

    def start(self, **other):
        """Starts all nodes and waits until all follow one leader."""
        for node in self.nodes.values():
            node.start(**other)
        return self.ready()

    def join(self, number):
        """Starts another node, which joins by itself as a learner."""
        node = Node(self, number)
        node.join = next(other for other in self.running).client_address
        self.nodes[number] = node
        node.start()
        return node

    def forget(self, node):
        """A node that is no member any more ends, and counts no more."""
        node.process.send_signal(signal.SIGTERM)
        expect_equal(node.exit_within(5), 0, f"the exit status of node {node.id}, which was removed")
        del self.nodes[node.id]

    def statuses(self, timeout=0.5):
        """What the running nodes say of themselves, by id; those that do not answer are left out."""
        found = {node.id: node.status(timeout) for node in self.running}
        return {number: status for number, status in found.items() if status}

    def leader(self, seconds=15, other_than=None):
        """The node that leads, once there is one."""

        def find():
            leading = [status for status in self.statuses().values() if status["role"] == "leader"]
            leading = [status for status in leading if status["id"] != other_than]
            return max(leading, key=lambda status: status["term"]) if leading else None

        return self.nodes[wait_for(find, seconds, "a leader")["id"]]

    def ready(self, seconds=20):
        """The leader, once every running node follows it."""

        def find():
            statuses = self.statuses()
            if len(statuses) < len(self.running):
                return None
            leaders = [status["id"] for status in statuses.values() if status["role"] == "leader"]
            if len(leaders) == 1 and all(status["leader"] == leaders[0] for status in statuses.values()):
                return leaders[0]
            return None

        return self.nodes[wait_for(find, seconds, "that all nodes follow one leader")]

    def agree(self, seconds=15):
        """All nodes reach the same applied index with the same digest; both are given.

        Two digests at one index that differ are a contradiction at once.
        """
        expect_equal(len(self.running), len(self.nodes), "nodes that run")
        goal = max(status["commit"] for status in wait_for(self.statuses, seconds, "that a node answers").values())
        digests = {}

        def find():
            statuses = self.statuses()
            for status in statuses.values():
                known = digests.setdefault(status["applied"], status["digest"])
                expect_equal(status["digest"], known, f"node {status['id']}'s digest at index {status['applied']}")
            places = {status["applied"] for status in statuses.values()}
            if len(statuses) == len(self.nodes) and len(places) == 1 and min(places) >= goal:
                return min(places), digests[min(places)]
            return None

        return wait_for(find, seconds, "that all nodes reach the same index and digest")

    def check_logs(self):
        """Nothing on any node's standard error but lines in their form."""
        for node in self.nodes.values():
            if not os.path.exists(node.log):
                continue
            with open(node.log, encoding="utf-8", errors="replace") as log:
                for line in log.read().splitlines():
                    # A tracer shares the standard error of what it traces.
                    expect(
                        LOG_LINE.match(line) or FAILURE_LINE.match(line) or line.startswith("strace: "),
                        f"node {node.id} wrote a line without form: {line[:300]!r}")

    def stop(self):
        """SIGTERM to all: each ends with 0 within 5 s, and had written nothing but lines in their form."""
        for client in self._clients:
            client.close()
        stopping = self.running
        began = boot_time()
        for node in stopping:
            node.process.send_signal(signal.SIGTERM)
        for node in stopping:
            status = node.exit_within(max(5 - (boot_time() - began), 0.1))
            expect_equal(status, 0, f"the exit status of node {node.id} after SIGTERM")
        self.check_logs()

    def destroy(self):
        """Kills what is left and removes the data."""
        for client in self._clients:
            client.close()
        for node in self.running:
            node.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
