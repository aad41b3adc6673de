import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

/// A client that saves the snapshot of a node that runs.
@Suite struct SavingTests {
    /// A node that takes no snapshots of its own accord, and has granted so many leases.
    private func node(_ leases: UInt64 = 40, bytesPerSecond: Int = 32 << 20) throws -> LoneNode {
        var node = try LoneNode {
            $0.snapshotShareBytes = 512
            $0.snapshotBytesPerSecond = bytesPerSecond
        }
        for number in 1...leases { try grant(&node, number) }
        return node
    }

    private func grant(_ node: inout LoneNode, _ number: UInt64) throws {
        node.time += 5_000_000
        let answer = try #require(try node.acquire("jobs/\(number)", ttl: .seconds(600), sequence: number))
        #expect(answer.head.kind == .outcome)
    }

    private func refusal(_ answer: LoneNode.Answer?) throws -> RefusalCode { try #require(answer).refusal().code }

    @Test func aSnapshotIsTakenForWhoeverWantsOneAndIsAWholeBackup() throws {
        var node = try node()
        #expect(node.replica.journal.snapshot == nil)
        let index = node.replica.appliedIndex
        let reference = try node.beginSaving(atLeast: index)
        #expect(reference.index >= index)
        let saved = try node.bytes(of: reference)
        var reader = BackupReader(name: "saved", hashSeed: 3)
        try reader.feed(saved.span.bytes)
        let (backup, id) = try reader.finish()
        #expect(
            SnapshotReference(
                position: LogPosition(index: id.lastIndex, term: id.lastTerm), byteCount: id.byteCount,
                checksum: id.checksum) == reference)
        #expect(backup.machine.claimCount == 40 && backup.header.lastIndex == reference.index)
        // Asking again is answered with the same.
        #expect(try node.beginSaving(atLeast: index) == reference)
        #expect(node.replica.violations() == [] && node.replica.piecesWaiting == 0)
    }

    /// What makes a snapshot count comes with the next entry, and here none comes.
    @Test func aNodeInWhichNothingHappensIsSavedToo() throws {
        var node = try LoneNode()
        let index = node.replica.appliedIndex
        let began = node.time
        let reference = try node.beginSaving(atLeast: index)
        let saved = try node.bytes(of: reference)
        #expect(reference.index == index && saved.count == reference.byteCount)
        #expect(node.replica.appliedIndex == index && node.time - began < 5_000_000_000)
        // It counts from the next entry on, and is the same.
        try grant(&node, 1)
        node.time += 10_000_000
        node.turn()
        #expect(node.replica.journal.snapshot?.id.lastIndex == index)
        #expect(try node.piece(of: reference, from: 0).bytes == Array(saved.prefix(700)))
    }

    /// One was taken while the last entry was written, and waits for a batch to make it count; no other is taken until then.
    @Test func nobodyWaitsForAnEntryThatDoesNotCome() throws {
        var node = try LoneNode { $0.snapshotStepBytes = 256 }
        #expect(try refusal(node.ask(.begin(atLeast: node.replica.appliedIndex))) == .snapshotUnderWay)
        // An entry after which nothing is due.
        let renewal = Command.renew([Renewal(claim: ClaimID(1 << 40), name: "jobs/none")])
        node.give(node.frame(renewal, correlation: 5))
        node.turn()
        #expect(try node.takeAnswers().count == 1)
        let index = node.replica.appliedIndex
        for _ in 0..<100 where node.replica.journal.readableSnapshot == nil {
            node.time += 1_000_000
            node.turn()
        }
        #expect(
            node.replica.journal.awaitsMark
                && node.replica.journal.readableSnapshot.map { $0.id.lastIndex < index } == true)
        let began = node.time
        let reference = try node.beginSaving(atLeast: index)
        #expect(reference.index >= index && node.time - began < 5_000_000_000)
    }

    @Test func anOlderSnapshotThanIsAskedForIsNotOffered() throws {
        var node = try node()
        let first = try node.beginSaving(atLeast: node.replica.appliedIndex)
        _ = try node.bytes(of: first)
        try grant(&node, 1_000)
        let index = node.replica.appliedIndex
        #expect(try refusal(node.ask(.begin(atLeast: index))) == .snapshotUnderWay)
        let second = try node.beginSaving(atLeast: index)
        #expect(second.index >= index && second.index > first.index)
        // Once the second counts, what is asked of the first is gone.
        try grant(&node, 1_001)
        node.turn()
        #expect(try refusal(node.ask(.piece(first, offset: 0, count: 10))) == .snapshotGone)
    }

    @Test func aNodeThatIsBehindSaysSo() throws {
        var node = try node(3)
        let index = LogIndex(node.replica.appliedIndex.rawValue + 1_000)
        #expect(try refusal(node.ask(.begin(atLeast: index))) == .notReady)
        #expect(node.replica.journal.snapshot == nil)
    }

    @Test func whatCannotBeReadIsRefused() throws {
        var node = try node(3)
        #expect(try refusal(node.ask(.snapshot, [])) == .malformed)
        #expect(try refusal(node.ask(.snapshot, [9, 0, 0])) == .notSupported)
    }

    @Test func theNextSnapshotWaitsForWhoeverSavesAndForNobodyWhoIsGone() throws {
        var node = try LoneNode {
            $0.snapshots = SnapshotPolicy(logBytes: 4_096, age: .seconds(60), logBytesMinimum: 1_024)
            $0.segmentBytes = 4_096
            $0.retainedTailBytes = 0
        }
        for number in 1...60 as ClosedRange<UInt64> { try grant(&node, number) }
        let reference = try node.beginSaving(atLeast: node.replica.appliedIndex)
        _ = try node.piece(of: reference, from: 0)
        // More log than makes one due otherwise, and less than four times as much.
        for number in 100...150 as ClosedRange<UInt64> { try grant(&node, number) }
        #expect(node.replica.journal.snapshot.map { $0.id.lastIndex } == reference.index)
        // It is not heard any more.
        for _ in 0..<20 {
            node.time += 1_000_000_000
            node.turn()
        }
        #expect(node.replica.journal.snapshot.map { $0.id.lastIndex > reference.index } == true)
        #expect(try refusal(node.ask(.piece(reference, offset: 700, count: 700))) == .snapshotGone)
    }

    @Test func noMoreThanTwoSaveAtTheSameTime() throws {
        var node = try node()
        let reference = try node.beginSaving(atLeast: node.replica.appliedIndex)
        for slot in 1...2 {
            node.client = ConnectionID(slot: slot, generation: 1)
            node.greet()
            let answer = try node.ask(.begin(atLeast: reference.index))
            if slot == 1 {
                #expect(answer?.head.kind == .snapshot)
            } else {
                #expect(try refusal(answer) == .overloaded)
                #expect(try refusal(node.ask(.piece(reference, offset: 0, count: 1))) == .overloaded)
            }
        }
        // One of the two ends.
        node.replica.closed(ConnectionID(slot: 0, generation: 1), now: node.now)
        #expect(try node.ask(.begin(atLeast: reference.index))?.head.kind == .snapshot)
    }

    @Test func piecesAreSpacedByTheThrottle() throws {
        var node = try node(bytesPerSecond: 10_000)
        let reference = try node.beginSaving(atLeast: node.replica.appliedIndex)
        let began = node.time
        let saved = try node.bytes(of: reference)
        let least = UInt64(saved.count - 700) * 100_000
        #expect(node.time - began >= least && node.time - began < least * 2 + 1_000_000_000)
    }

    /// The bytes are bad here, and the state is not: whoever saves gets another snapshot.
    @Test func afterAReadThatFailsAnotherSnapshotIsTaken() throws {
        var node = try node()
        let reference = try node.beginSaving(atLeast: node.replica.appliedIndex)
        node.disk.faults.failingReads = 1
        #expect(try refusal(node.ask(.piece(reference, offset: 0, count: 700))) == .snapshotGone)
        let next = try node.beginSaving(atLeast: reference.index)
        #expect(next != reference && node.ending == nil)
        #expect(try node.bytes(of: next).count == next.byteCount)
    }

    /// And where nothing has come behind it that another could be of, the leader sees to an entry.
    @Test func aSnapshotThatCannotBeReadIsReplacedThoughNothingHappens() throws {
        var node = try LoneNode()
        try grant(&node, 1)
        let index = node.replica.appliedIndex
        _ = try node.beginSaving(atLeast: index)
        let renewal = Command.renew([Renewal(claim: ClaimID(1 << 40), name: "jobs/none")])
        node.give(node.frame(renewal, correlation: 5))
        node.turn()
        #expect(try node.takeAnswers().count == 1)
        let reference = try node.beginSaving(atLeast: node.replica.appliedIndex)
        let marked = node.replica.appliedIndex
        node.disk.faults.failingReads = 1
        #expect(try refusal(node.ask(.piece(reference, offset: 0, count: 700))) == .snapshotGone)
        let began = node.time
        let next = try node.beginSaving(atLeast: marked)
        #expect(next != reference && node.time - began < 5_000_000_000)
        #expect(try node.bytes(of: next).count == next.byteCount)
    }

    /// Whoever goes away with a piece asked for holds up nobody.
    @Test func aPieceThatNobodyWaitsForAnyMoreIsDropped() throws {
        var node = try node(bytesPerSecond: 1)
        let reference = try node.beginSaving(atLeast: node.replica.appliedIndex)
        _ = try node.piece(of: reference, from: 0)
        #expect(try node.ask(.piece(reference, offset: 700, count: 700)) == nil)
        #expect(node.replica.piecesWaiting == 1)
        node.replica.closed(node.client, now: node.now)
        node.turn()
        #expect(node.replica.piecesWaiting == 0 && node.replica.violations() == [])
    }
}
