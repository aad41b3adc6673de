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
    """Three to five to three nodes, each of the first three replaced, under load: no renewal fails for good."""
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


members.seconds = 240
