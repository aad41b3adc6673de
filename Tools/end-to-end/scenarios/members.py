"""Nodes that come and go under load."""
import time

import history
from cluster import Cluster
from command_line import CommandLine
from proof import boot_time, expect, expect_equal, milliseconds, say, wait_for
from scenarios.kills import Bench, tell_benches, tell_writers

WRITERS = 2
PAUSE = 0.3
WORKLOADS = ("acquire", "renew")


def voters(line):
    """The ids of those whose votes count."""
    listed = line.value(["members"], "member", "list")["members"]
    return sorted(member["id"] for member in listed if member["voter"])


def change(line, *words):
    """A change of the membership, asked for again while the learner is behind or another change is under way."""
    end = boot_time() + 30
    while True:
        status, _, error = line.run("member", *words, "-o", "json")
        if status == 0:
            return
        is_early = any(code in error for code in ('"not_caught_up"', '"change_under_way"', '"overloaded"'))
        expect(is_early and boot_time() < end, f"member {' '.join(words)} ended with {status}: {error.strip()[-300:]}")
        time.sleep(0.2)


def joined(cluster, line, number):
    """A node with an empty directory that is a learner by now."""
    node = cluster.join(number)
    wait_for(
        lambda: number in [member["id"] for member in line.value(["members"], "member", "list")["members"]], 20,
        f"that node {number} is a member")
    return node


def members(stage):
    """Three to five to three nodes, each of the first three replaced, under load: no renewal fails for good.

    Then nodes that move to other addresses, and one that belongs to another cluster.
    """
    cluster = Cluster(stage, "members", snapshot_log=2 << 20)
    cluster.start()
    # Whoever will be a member: a client finds its way among those that are.
    endpoints = ",".join(f"127.0.0.1:{cluster.base + number}" for number in range(1, 9))
    line = CommandLine(stage.binary, endpoints)
    writers = [history.Writer(cluster, str(number)) for number in range(WRITERS)]
    for writer in writers:
        writer.client.addresses = endpoints.split(",")
    benches = [Bench(line, workload, cluster.directory) for workload in WORKLOADS]
    for load in writers + benches:
        load.start()
    began = boot_time()
    for number in (4, 5):
        joined(cluster, line, number)
        change(line, "promote", str(number))
    expect_equal(voters(line), [1, 2, 3, 4, 5], "the voters after two were promoted")
    say(f"three nodes to five in {milliseconds(boot_time() - began)}")
    for old, new in ((1, 6), (2, 7), (3, 8)):
        joined(cluster, line, new)
        change(line, "replace", str(old), str(new))
        wait_for(lambda: old not in voters(line), 10, f"that node {old} is no voter")
        change_is_known(cluster, old)
        cluster.forget(cluster.nodes[old])
        time.sleep(PAUSE)
    expect_equal(voters(line), [4, 5, 6, 7, 8], "the voters after each of the first three was replaced")
    # The leader itself among them, whoever it is: it hands over and goes.
    for number in (cluster.leader().id, next(iter(sorted(set(voters(line)) - {cluster.leader().id})))):
        change(line, "remove", str(number))
        change_is_known(cluster, number)
        cluster.forget(cluster.nodes[number])
        time.sleep(PAUSE)
    expect_equal(len(voters(line)), 3, "the voters in the end")
    took = boot_time() - began
    for load in writers + benches:
        load.finish()
    cluster.ready()
    index, digest = cluster.agree()
    tell_writers(writers)
    history_is_true(cluster, writers)
    tell_benches(line, benches)
    refused(line, cluster)
    moves(stage)
    foreign(stage, cluster, line)
    say(f"three to five to three nodes, all of them others than at first, in {milliseconds(took)}; index {index}, digest "
        f"{digest}")


def change_is_known(cluster, number):
    """The node that goes has been told, or has ended its part by itself."""
    node = cluster.nodes[number]
    wait_for(lambda: " removed " in node.said(), 15, f"that node {number} says that it was removed")


def history_is_true(cluster, writers):
    """What the writers were told is what the new nodes show."""
    client = cluster.client()
    leases = client.list("own/")
    grants = history.judge(writers, leases)
    renewals = sum(writer.renewals for writer in writers)
    expect(grants > 0 and renewals > 0, "the load did something")
    say(f"own account: {grants} grants held under their tokens on nodes that were not there when most were made, "
        f"{renewals} renewals true")


def known(line):
    """Where the members are reached, as the cluster knows it: by id, peers and clients."""
    listed = line.value(["members"], "member", "list")["members"]
    return {member["id"]: (member["peer_address"], member["client_address"]) for member in listed}


def move(cluster, node):
    """The node is killed; its next start is at other ports."""
    node.kill()
    port = cluster.base + 3 + node.id
    node.client_address, node.peer_address = f"127.0.0.1:{port}", f"127.0.0.1:{port + 100}"


def moved(cluster, line, node, ask=None):
    """The cluster knows the node where it is now, and feeds it there."""
    own = (node.peer_address, node.client_address)
    began = boot_time()
    if ask:
        ask()
    wait_for(lambda: known(line)[node.id] == own, 25, f"that node {node.id} is known at its new addresses")
    took = boot_time() - began
    line.value(None, "acquire", f"moved/{node.id}")
    cluster.ready()
    cluster.agree()
    shown = {status["id"]: status for status in line.value(["cluster", "nodes"], "status")["nodes"]}
    expect_equal((shown[node.id]["peer_address"], shown[node.id]["client_address"]), own, "what status shows of it")
    return took


def moves(stage):
    """Each of three nodes moves to other ports, the leader among them, and no client is told where to."""
    cluster = Cluster(stage, "moves", snapshot_log=2 << 20)
    cluster.start()
    first = CommandLine(stage.binary, cluster.endpoints)
    lease = first.value(None, "acquire", "stays", "--ttl", "1h")
    leader = cluster.leader()
    follower, last = [node for node in cluster.nodes.values() if node is not leader]
    # A founder, by the way that is told: started with --join and the new addresses.
    move(cluster, follower)
    follower.join = last.client_address
    follower.start()
    took = [moved(cluster, first, follower)]
    # The leader, by the list that it was founded with, changed, and by hand.
    leader = cluster.leader()
    if leader is follower:
        first.value(None, "transfer-leader", str(last.id))
        leader = cluster.leader(other_than=follower.id)
    last = next(node for node in cluster.nodes.values() if node not in (leader, follower))
    move(cluster, leader)
    leader.start()
    wait_for(lambda: leader.status() is not None, 10, "that the moved node answers")
    first.failure(69, "unreachable", "member", "add", f"127.0.0.1:{cluster.base + 9}", "--timeout", "2s")
    took.append(moved(
        cluster, first, leader, lambda: first.value(["members"], "member", "add", leader.client_address)))
    expect_equal(first.value(["members"], "member", "add", leader.client_address)["members"],
                 first.value(["members"], "member", "list")["members"], "what is told when nothing is to be done")
    # The third is told of a node that is where it was no more: it asks those that it knows itself.
    line = CommandLine(stage.binary, f"{follower.client_address},{leader.client_address}")
    move(cluster, last)
    last.join = f"127.0.0.1:{cluster.base + leader.id}"
    last.start()
    took.append(moved(cluster, line, last))
    # And once more with the flag, at the same addresses: nothing is to be done.
    before = known(line)
    last.kill()
    last.start()
    cluster.ready()
    cluster.agree()
    expect_equal(known(line), before, "the addresses after another start")
    line.value(None, "renew", "stays", "--claim", lease["claim"])
    say("three nodes moved in turn, a follower, the leader, and one whose --join names nobody: known after "
        + ", ".join(milliseconds(time_taken) for time_taken in took))


def foreign(stage, cluster, line):
    """A node of another cluster is not taken in; nor is one that says it is everywhere."""
    other = Cluster(stage, "other", nodes=1, snapshot_log=2 << 20)
    other.start()
    before = known(line)
    line.failure(78, "wrong_identity", "member", "add", other.nodes[1].client_address)
    expect_equal(known(line), before, "the members after a node of another cluster was to be added")
    line.failure(
        64, "usage", "serve", "--id", "99", "--data", f"{cluster.directory}/99", "--listen-client",
        f"0.0.0.0:{other.base + 9}", "--listen-peer", f"127.0.0.1:{other.base + 109}", "--join", cluster.endpoints)
    say("a node of another cluster: exit 78, wrong_identity; one that says it is everywhere: exit 64, usage")


def refused(line, cluster):
    """What would lose the quorum, or cannot be, is refused with a reason."""
    left = voters(line)
    cluster.nodes[left[0]].kill()
    wait_for(lambda: line.run("status")[0] == 0, 10, "that the rest answers")
    cluster.leader()
    end = boot_time() + 10
    while True:
        status, _, error = line.run("member", "remove", str(left[1]), "-o", "json")
        if '"loses_quorum"' in error or boot_time() >= end:
            break
        time.sleep(0.2)
    expect(status == 69 and '"loses_quorum"' in error, f"the removal of one of two that answer was refused: {error}")
    line.failure(64, "member_unknown", "member", "remove", "77")
    cluster.nodes[left[0]].start()
    cluster.ready()
    say("the removal of one of the last two that answer: exit 69, loses_quorum")


members.seconds = 300
