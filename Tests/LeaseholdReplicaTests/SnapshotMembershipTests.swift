import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

/// Which membership is in force after a start, or after an install, of a node with a real journal.
@Suite struct SnapshotMembershipTests {
    /// Node 2 comes to vote beside node 1: both are needed.
    private func joint(_ follower: Follower) throws -> Membership {
        let now = follower.node.replica.raft.membership
        return try #require(
            Membership(
                clusterID: now.clusterID, members: now.members, voters: [NodeID(1), NodeID(2)], outgoing: [NodeID(1)]))
    }

    @Test func trap35_aStartFromASnapshotInAJointMembershipIsInThat() throws {
        var follower = try Follower()
        let joint = try joint(follower)
        follower.send(joint, isCommitted: true)
        follower.wait(1, leading: true)
        #expect(follower.node.replica.raft.membership == joint)
        let taken = try follower.takesSnapshots()
        #expect(taken)
        // An entry behind it makes the snapshot count, and the log before it may go.
        follower.send(.empty, isCommitted: true)
        follower.wait(1, leading: true)
        let snapshot = try #require(follower.node.replica.journal.snapshot)
        #expect(snapshot.id.lastIndex >= follower.node.replica.raft.log.start.index)
        let after = try follower.reopened()
        #expect(after.raft.membership == joint && after.raft.membership.isJoint)
        // It was the only voter once: by itself it is no majority of those who vote now.
        var alone = try LoneNode(on: follower.node.disk)
        for _ in 0..<300 {
            alone.time += 10_000_000
            alone.turn()
        }
        #expect(!alone.replica.isLeader && alone.replica.raft.membership == joint)
    }

    @Test func trap30_aMembershipOfTheLogThatASnapshotReplacesIsForgottenForGood() throws {
        var follower = try Follower()
        let before = follower.node.replica.raft.membership
        let joint = try joint(follower)
        // In force from its append, and never committed.
        follower.send(joint, isCommitted: false)
        #expect(follower.node.replica.raft.membership == joint)
        follower.sendAll()
        #expect(follower.node.replica.marks.contains(.snapshotInstalled))
        #expect(follower.node.replica.raft.membership == before && follower.node.replica.violations() == [])
        let after = try follower.reopened()
        #expect(after.raft.membership == before && after.appliedIndex == follower.snapshot.index)
    }

    /// A really empty directory under an id that had another: it has no membership by which it could know better.
    @Test(arguments: [Incarnation(5), .unknown]) func trap36_anEmptyDirectoryUnderAnOldIdGrantsNoVote(
        meant: Incarnation
    ) throws {
        var node = try LoneNode {
            $0.listed = (1...3).map { number in
                ListedNode(
                    id: NodeID(number), peerAddress: "127.0.0.1:\(number)", clientAddress: "127.0.0.1:\(10 + number)")
            }
        }
        #expect(!node.replica.isBorn)
        let peer = ConnectionID(slot: 7, generation: 1)
        node.replica.accepted(peer, on: .peer, now: node.now)
        node.client = peer
        let candidate = NodeIdentity(node: NodeID(2), incarnation: Incarnation(77))
        let wiped = NodeIdentity(node: NodeID(1), incarnation: meant)
        var frames: [UInt8] = []
        PeerHello(
            cluster: ClusterID(high: 1, low: 2), sender: candidate, receiver: wiped, newestSyncedBatch: 9,
            peerAddress: "127.0.0.1:2", clientAddress: "127.0.0.1:12"
        ).encodeFrame(answering: false, into: &frames)
        for envelope in [wiped, NodeIdentity(node: NodeID(1), incarnation: node.replica.journal.identity.incarnation)] {
            for body in [
                RaftMessage.Body.preVote(lastIndex: LogIndex(50), lastTerm: Term(3)),
                .vote(lastIndex: LogIndex(50), lastTerm: Term(3), transfer: true),
            ] {
                RaftMessageCodec.encodeFrame(
                    RaftMessage(term: Term(4), body: body), PeerEnvelope(sender: candidate, receiver: envelope),
                    into: &frames)
            }
        }
        node.give(frames)
        node.turn()
        _ = try node.takeAnswers()
        // Whoever means another directory is told so; who does not know which is there may greet, and is not answered.
        #expect(meant == .unknown || node.others.contains { $0.0 == .connectionError })
        #expect(!node.others.contains { $0.0 == .raft } && node.replica.raft.term == .zero)
        let after = try LoneNode(on: node.disk) { $0.listed = node.replica.configuration.listed }
        #expect(after.replica.raft.term == .zero && !after.replica.isLeader)
    }
}
