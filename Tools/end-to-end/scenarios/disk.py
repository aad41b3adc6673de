"""Harm done to data directories, and directories where they do not belong."""
import hashlib
import os
import random
import re
import shutil
import subprocess
import time

import journal_files
from client import Refused, UnknownOutcome
from cluster import Cluster
from command_line import CommandLine, parsed
from proof import boot_time, expect, expect_equal, milliseconds, say

LEASES = 40


def disk(stage):
    """Flipped bits, torn ends, foreign directories, taken ports, wiped nodes."""
    cluster = Cluster(stage, "disk")
    cluster.start()
    client = cluster.client()
    held = {}
    for number in range(LEASES):
        name = f"disk/{number:02}"
        held[name] = client.acquire(name, 3600, value=os.urandom(24))[:2]
    taken(stage, cluster)
    cluster.agree()
    cluster.stop()

    flipped_bits(cluster.nodes[2])
    torn_ends(cluster, held)
    foreign_directories(stage, cluster, held)
    wiped(stage, cluster, held)


def exit_code(node, status, code, seconds=10, **other):
    """Starts a node that must end by itself with this status and code: the message."""
    node.start(output="json", **other)
    found = node.exit_within(seconds)
    words = node.said().splitlines()
    expect_equal(found, status, f"the exit status of node {node.id} ({words[-2:]})")
    value = parsed(words[-1] if words else "", ["serve"])
    expect_equal(value["error"], code, f"the code of node {node.id}")
    return value["message"]


def check_held(cluster, held, what):
    """Every lease is held under the token it had."""
    leases = cluster.client().list("disk/")
    for name, (claim, token) in held.items():
        holders = [(holder["claim"], holder["token"]) for holder in leases.get(name, {"holders": []})["holders"]]
        expect_equal(holders, [(claim, token)], f"who holds {name} {what}")


def fingerprint(directory):
    """What all files of a journal hold."""
    digest = hashlib.sha256()
    for path in journal_files.segments(directory):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def copy(source, target):
    """Copies a data directory without its zeros."""
    subprocess.run(["cp", "-a", "--sparse=always", source, target], check=True)


# Damage

def flipped_bits(node):
    """One bit before the last batch: the node refuses to start, says where, and changes nothing."""
    path = journal_files.segments(node.data)[-1]
    batches = journal_files.batches(path)
    expect(len(batches) >= 10, f"{path} has only {len(batches)} batches")
    extent = batches[-1].end
    # What is behind the last batch with entries is no part of what was acknowledged.
    last = [batch for batch in batches if not batch.is_seal][-1]
    places = [extent // 2] + [random.randrange(0, last.offset) for _ in range(10)]
    told = []
    for place in places:
        journal_files.flip(path, place, random.randrange(8))
        before = fingerprint(node.data)
        message = exit_code(node, 65, "journal_corrupt")
        told.append(message)
        expect(os.path.basename(path) in message, f"the message names the file: {message!r}")
        found = [int(number) for number in re.findall(r"\b(\d+)\b", message.split(".seg", 1)[1])]
        start = max([batch.offset for batch in batches if batch.offset <= place], default=0)
        expect(found and start <= found[0] <= place, f"a bit at {place}, in the batch at {start}: {message!r}")
        expect_equal(fingerprint(node.data), before, "the journal after the refusal")
        # Turned back by the same place: whatever bit it was, the copy on disk says so.
        restore(path, place, batches)
    say(f"{len(batches)} batches in {extent} bytes: a bit at {places[0]}, and at {len(places) - 1} other places: exit "
        "65")
    say(f"of the first it said: {told[0].split('. ')[0]}")


def restore(path, place, batches):
    """Turns bits at a place until all checksums are good again."""
    for bit in range(8):
        journal_files.flip(path, place, bit)
        try:
            if place >= journal_files.SEGMENT_HEADER_BYTES and len(journal_files.batches(path)) == len(batches):
                return
        except Exception:  # Not this bit.
            pass
        with open(path, "rb") as file:
            header = file.read(journal_files.SEGMENT_HEADER_BYTES)
        good = journal_files.crc32c(header[8:]).to_bytes(4, "little") == header[4:8] and header[:4] == b"LHJS"
        if place < journal_files.SEGMENT_HEADER_BYTES and good:
            return
        journal_files.flip(path, place, bit)
    raise AssertionError("the bit was not found again")


def torn_ends(cluster, held):
    """The file cut inside its last batch, or zeroed from there on: the node starts and catches up."""
    for node, harm, word in (
        (cluster.nodes[2], journal_files.cut, "cut"), (cluster.nodes[3], journal_files.zero_from, "zeroed")
    ):
        for with_entries in (False, True):
            path = journal_files.segments(node.data)[-1]
            batches = journal_files.batches(path)
            if with_entries:
                batches = [batch for batch in batches if not batch.is_seal]
            last = batches[-1]
            place = last.offset + random.randrange(1, last.length)
            if with_entries:
                place = last.offset + random.randrange(journal_files.BATCH_HEADER_BYTES + 1, last.length)
            harm(path, place)
            for other in cluster.nodes.values():
                other.start()
            cluster.ready()
            check_held(cluster, held, f"after node {node.id} was {word}")
            cluster.agree()
            cluster.stop()
            what = "entries" if with_entries else "a seal"
            say(f"node {node.id} {word} at {place}, inside a last batch of {what} at {last.offset}: it started and "
                "caught up")


# Directories and doors

def taken(stage, cluster):
    """What another process has is refused."""
    line = CommandLine(stage.binary, cluster.endpoints)
    node = cluster.nodes[1]
    members = cluster.members
    elsewhere = [f"127.0.0.1:{cluster.base + 8}", f"127.0.0.1:{cluster.base + 108}"]

    def serve(data, client, peer):
        return ["serve", "--id", "1", "--data", data, "--listen-client", client, "--listen-peer", peer, "--cluster",
                members]

    line.failure(73, "directory_locked", *serve(node.data, *elsewhere))
    other = f"{cluster.directory}/other"
    line.failure(73, "address_in_use", *serve(other, node.client_address, elsewhere[1]))
    line.failure(73, "address_in_use", *serve(other, elsewhere[0], node.peer_address))
    line.failure(73, "address_in_use", "dev", "--base-port", str(cluster.base), "--data", f"{other}-dev")
    say("a second process on a directory, a client's or a peer's port that is taken: exit 73")


def foreign_directories(stage, cluster, held):
    """The directory of another node, or of another cluster."""
    message = exit_code(cluster.nodes[1], 78, "wrong_identity", data=cluster.nodes[2].data)
    say(f"node 1 in node 2's directory: exit 78: {message}")

    # A cluster at the same addresses, born while the first one was down.
    other = Cluster(stage, "disk-other")
    other.base, base = cluster.base, other.base
    for node, twin in zip(other.nodes.values(), cluster.nodes.values()):
        node.client_address, node.peer_address = twin.client_address, twin.peer_address
    other.start()
    other.client().acquire("other", 3600)
    other.stop()
    visit(cluster, held, other.nodes[3].data, "the same addresses")

    # And one at other addresses, as when a directory is mixed up.
    third = Cluster(stage, "disk-third")
    third.start()
    third.stop()
    visit(cluster, held, third.nodes[3].data, "other addresses")
    other.base = base


def visit(cluster, held, directory, what):
    """Node 3 of a running cluster is started in the directory of another cluster's node 3."""
    for number in (1, 2):
        cluster.nodes[number].start()
    cluster.ready()
    began = boot_time()
    message = exit_code(cluster.nodes[3], 78, "wrong_identity", data=directory)
    say(f"node 3 in the directory of another cluster at {what}: exit 78 after {milliseconds(boot_time() - began)}: "
        f"{message}")
    expect_equal(len(cluster.running), 2, "the nodes that the visitor left alone")
    check_held(cluster, held, "after the visit of another cluster's node")
    cluster.stop()


def wiped(stage, cluster, held):
    """Two of three directories are emptied: they form no new cluster, with or without the third."""
    line = CommandLine(stage.binary, cluster.endpoints)
    copies = {}
    for number in (2, 3):
        node = cluster.nodes[number]
        copies[number] = f"{cluster.directory}/kept-{number}"
        copy(node.data, copies[number])
        shutil.rmtree(node.data)
        node.start(output="json")
    end = boot_time() + 3
    while boot_time() < end:
        for status in cluster.statuses().values():
            expect(status["role"] != "leader", f"a wiped node leads: {status}")
            expect(int(status["cluster"], 16) == 0, f"a wiped node belongs to a cluster: {status}")
        time.sleep(0.1)
    expect_equal(len(cluster.running), 2, "wiped nodes that wait")
    line.failure(69, "unreachable", "acquire", "disk/00", "--timeout", "500ms")
    cluster.nodes[1].start()
    began = boot_time()
    for number in (2, 3):
        status = cluster.nodes[number].exit_within(10)
        said = cluster.nodes[number].said()
        expect_equal(status, 78, f"the exit status of wiped node {number} when the third is there ({said[-300:]})")
        expect_equal(parsed(said.splitlines()[-1], ["serve"])["error"], "wrong_identity", "its code")
    took = boot_time() - began
    expect(cluster.nodes[1].is_running, "the node that kept its data goes on")
    try:
        cluster.client(timeout=0.5).acquire("disk/00", 1)
        expect(False, "a lease was granted by one of three nodes")
    except (Refused, UnknownOutcome):
        pass
    for number, kept in copies.items():
        node = cluster.nodes[number]
        shutil.rmtree(node.data)
        os.rename(kept, node.data)
        node.start()
    cluster.ready()
    check_held(cluster, held, "after the wiped directories came back")
    cluster.agree()
    say(f"two of three wiped: no new cluster in 3 s; exit 78 within {milliseconds(took)} once the third was there; "
        "with their directories back all leases were held as before")


disk.seconds = 150
