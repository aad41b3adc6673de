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
        follower.sendAll(from: 500)
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
        follower.sendAll()
        #expect(follower.node.replica.appliedIndex == follower.snapshot.index)
        #expect(follower.node.replica.violations() == [])
    }

    /// The network is heard before the disk in a turn: entries are committed, and are to be applied yet, when a snapshot that
    /// makes the log begin anew is there.
    @Test func trap38_whatIsCommittedInTheTurnOfAnInstallIsAppliedBefore() throws {
        var follower = try begun()
        follower.node.holdsBack = { if case .syncDirectory = $0 { true } else { false } }
        follower.sendAll(from: 500)
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
