import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

/// A snapshot from a leader that stops coming in the middle. It would be in the way of every other for ever (found by a
/// simulated run in which a client saved).
@Suite struct StaleReceiptTests {
    /// A node that follows one of which the test says what it sends.
    private struct Follower {
        var node: LoneNode
        /// The same cluster further on, which the leader's entries and snapshot are taken from.
        var ahead: LoneNode
        let snapshot: SnapshotReference
        let bytes: [UInt8]
        let leader = NodeIdentity(node: NodeID(2), incarnation: Incarnation(77))
        let connection = ConnectionID(slot: 7, generation: 1)
        let term: Term
        var round: UInt64 = 0

        init() throws {
            node = try LoneNode()
            let member = Member(
                id: leader.node, peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4",
                incarnation: leader.incarnation)
            var body: [UInt8] = []
            MemberRequest(.addLearner(member)).encode(into: &body)
            #expect(try node.ask(.changeMembers, body)?.head.kind == .members)
            ahead = node
            for number in 1...40 as ClosedRange<UInt64> {
                _ = try ahead.acquire("jobs/\(number)", ttl: .seconds(600), sequence: number)
            }
            snapshot = try ahead.beginSaving(atLeast: ahead.replica.appliedIndex)
            bytes = try ahead.bytes(of: snapshot)
            term = node.replica.raft.term.next
            node.replica.accepted(connection, on: .peer, now: node.now)
            give { [leader, identity = identity, cluster = cluster] in
                PeerHello(
                    cluster: cluster, sender: leader, receiver: identity, newestSyncedBatch: 1,
                    peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4"
                ).encodeFrame(answering: false, into: &$0)
            }
            lead()
        }

        private var cluster: ClusterID { node.replica.raft.membership.clusterID }
        private var identity: NodeIdentity {
            NodeIdentity(node: NodeID(1), incarnation: node.replica.journal.identity.incarnation)
        }
        private var envelope: PeerEnvelope { PeerEnvelope(sender: leader, receiver: identity) }

        private mutating func give(endsTurn: Bool = true, _ encode: (inout [UInt8]) -> Void) {
            var frame: [UInt8] = []
            encode(&frame)
            _ = node.replica.received(connection, frame.span.bytes, now: node.now)
            if endsTurn { node.turn() }
        }

        /// The leader shows that it is there, or sends so many of the entries that the log lacks, all of them committed.
        mutating func lead(feeding most: Int = 0, endsTurn: Bool = true) {
            round += 1
            let raft = node.replica.raft
            let (last, ahead) = (raft.lastIndex, ahead.replica.raft)
            let count = min(most, Int(ahead.lastIndex.rawValue - last.rawValue))
            let message = RaftMessage(
                term: term,
                body: .append(
                    previousIndex: last, previousTerm: raft.log.term(at: last) ?? .zero,
                    commit: count > 0 ? last + UInt64(count) : raft.commitIndex, round: round, entryCount: count))
            give(endsTurn: endsTurn) { [envelope = envelope] in
                let start = RaftMessageCodec.begin(message, envelope, in: &$0)
                for offset in 0..<count {
                    guard let header = ahead.header(at: last + UInt64(offset + 1)) else { continue }
                    EntryCodec.encode(header, payload: ahead.log.payload(at: header.index), into: &$0)
                }
                FrameWriter.finish(at: start, in: &$0)
            }
        }

        /// Sends a piece of the snapshot.
        mutating func send(_ range: Range<Int>) {
            give { [bytes, snapshot, term, envelope = envelope] in
                SnapshotMessageCodec.encodeFrame(
                    piece: bytes.span.bytes.extracting(range), at: range.lowerBound, of: snapshot, term: term, envelope,
                    into: &$0)
            }
        }

        /// Time passes, in which the leader shows that it is there, if it does.
        mutating func wait(_ seconds: Int, leading: Bool) {
            for _ in 0..<seconds * 5 {
                node.time += 200_000_000
                if leading { lead() } else { node.turn() }
            }
        }

        /// Whether the node takes a snapshot when it is asked for one.
        mutating func takesSnapshots() throws -> Bool {
            try node.beginSaving(atLeast: node.replica.appliedIndex).index >= node.replica.appliedIndex
        }
    }

    private func begun() throws -> Follower {
        var follower = try Follower()
        #expect(follower.node.replica.raft.leader == NodeID(2) && follower.bytes.count > 1_000)
        follower.send(0..<500)
        #expect(follower.node.replica.journal.receivingSnapshot?.lastIndex == follower.snapshot.index)
        return follower
    }

    @Test func itIsKeptForAWhileAndTheRestMayCome() throws {
        var follower = try begun()
        follower.wait(29, leading: true)
        #expect(follower.node.replica.journal.receivingSnapshot != nil)
        var at = 500
        while at < follower.bytes.count {
            let end = min(at + 500, follower.bytes.count)
            follower.send(at..<end)
            at = end
            follower.wait(1, leading: true)
        }
        #expect(follower.node.replica.appliedIndex == follower.snapshot.index)
        #expect(follower.node.replica.marks.contains(.snapshotInstalled))
        #expect(!follower.node.replica.marks.contains(.receiptGivenUp) && follower.node.replica.violations() == [])
    }

    @Test func itIsGivenUpAfterAWhile() throws {
        var follower = try begun()
        let applied = follower.node.replica.appliedIndex
        follower.wait(31, leading: true)
        #expect(follower.node.replica.journal.receivingSnapshot == nil && follower.node.replica.appliedIndex == applied)
        #expect(follower.node.replica.marks.contains(.receiptGivenUp))
        #expect(try follower.takesSnapshots())
        #expect(follower.node.replica.violations() == [])
    }

    @Test func itIsGivenUpAtOnceWhenTheLogWasFedAfterAll() throws {
        var follower = try begun()
        follower.lead(feeding: .max)
        follower.wait(1, leading: true)
        #expect(follower.node.replica.appliedIndex >= follower.snapshot.index)
        #expect(follower.node.replica.journal.receivingSnapshot == nil)
        #expect(follower.node.replica.marks.contains(.receiptGivenUp))
        #expect(try follower.takesSnapshots())
        #expect(follower.node.replica.violations() == [])
    }

    @Test func itIsGivenUpAtOnceByWhoeverLeads() throws {
        var follower = try begun()
        follower.wait(10, leading: false)
        #expect(follower.node.replica.isLeader && follower.node.replica.journal.receivingSnapshot == nil)
        #expect(try follower.takesSnapshots())
        #expect(follower.node.replica.violations() == [])
    }

    /// And if the leader offers it again after all, it comes from its beginning.
    @Test func whatWasGivenUpMayComeAnew() throws {
        var follower = try begun()
        follower.wait(31, leading: true)
        follower.send(500..<1_000)
        follower.wait(1, leading: true)
        #expect(follower.node.replica.appliedIndex < follower.snapshot.index)
        var at = 0
        while at < follower.bytes.count {
            let end = min(at + 500, follower.bytes.count)
            follower.send(at..<end)
            at = end
            follower.wait(1, leading: true)
        }
        #expect(follower.node.replica.appliedIndex == follower.snapshot.index)
        #expect(follower.node.replica.violations() == [])
    }

    /// The network is heard before the disk in a turn: entries are committed, and are to be applied yet, when a snapshot that
    /// makes the log begin anew is there.
    @Test func trap38_whatIsCommittedInTheTurnOfAnInstallIsAppliedBefore() throws {
        var follower = try begun()
        follower.node.holdsBack = { if case .syncDirectory = $0 { true } else { false } }
        var at = 500
        while at < follower.bytes.count {
            let end = min(at + 500, follower.bytes.count)
            follower.send(at..<end)
            at = end
            follower.wait(1, leading: true)
        }
        let publishing = try #require(follower.node.heldBack.last)
        let applied = follower.node.replica.appliedIndex
        #expect(applied < follower.snapshot.index)
        // It is durable already, and is applied with what follows.
        follower.lead(feeding: 5)
        follower.lead(feeding: 5, endsTurn: false)
        let (completion, _) = follower.node.disk.perform(publishing, bytes: [])
        follower.node.holdsBack = { _ in false }
        follower.node.replica.diskCompleted(completion, now: follower.node.now)
        #expect(follower.node.replica.appliedIndex == follower.snapshot.index)
        follower.node.turn()
        follower.wait(1, leading: true)
        #expect(follower.node.replica.marks.contains(.snapshotInstalled) && follower.node.ending == nil)
        #expect(follower.node.replica.machine.digest == follower.ahead.replica.machine.digest)
        #expect(follower.node.replica.violations() == [])
    }
}
