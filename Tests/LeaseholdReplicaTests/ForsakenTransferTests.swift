import LeaseholdBase
import LeaseholdJournal
import LeaseholdWire
import Raft
import Testing

@testable import LeaseholdReplica

/// A snapshot for a node that is gone. While one is being sent others are put off, so it has an end.
@Suite struct ForsakenTransferTests {
    private let second = Member(
        id: NodeID(2), peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4", incarnation: Incarnation(77))

    @Test func itIsGivenUpWhenNobodyAnswers() throws {
        var node = try LoneNode()
        var body: [UInt8] = []
        MemberRequest(.addLearner(second)).encode(into: &body)
        #expect(try node.ask(.changeMembers, body)?.head.kind == .members)
        _ = try node.acquire("jobs/a", ttl: .seconds(600), sequence: 1)
        _ = try node.beginSaving(atLeast: node.replica.appliedIndex)
        _ = try node.acquire("jobs/b", ttl: .seconds(600), sequence: 2)
        #expect(node.replica.journal.snapshot != nil)
        node.replica.sendSnapshot(to: NodeID(2), now: node.now)
        for _ in 0..<290 {
            node.time += 100_000_000
            node.turn()
        }
        #expect(node.replica.snapshotsSending == 1)
        for _ in 0..<20 {
            node.time += 100_000_000
            node.turn()
        }
        #expect(node.replica.snapshotsSending == 0 && node.replica.marks.contains(.snapshotSendingGivenUp))
        #expect(node.replica.violations() == [])
    }

    @Test func onlyBytesThatThePeerDidNotHaveAreProgress() {
        func id(_ index: UInt64) -> SnapshotID {
            SnapshotID(lastIndex: LogIndex(index), lastTerm: Term(1), byteCount: 100, checksum: 1)
        }
        var outgoing = OutgoingSnapshot(to: NodeID(2), id(5), now: SteadyTime(0))
        let end = SteadyTime(0) + OutgoingSnapshot.patience
        #expect(!outgoing.isForsaken(now: SteadyTime(0)) && outgoing.isForsaken(now: end))
        outgoing.replace(by: id(6), now: SteadyTime(0) + .seconds(20))
        #expect(outgoing.isForsaken(now: end))
        let later = SteadyTime(0) + .seconds(1)
        outgoing.sent(50, now: later, patience: .seconds(1))
        var isMore = outgoing.answered(0, now: later, bytesPerSecond: 1_000, pause: .seconds(1))
        #expect(!isMore && outgoing.isForsaken(now: end))
        isMore = outgoing.answered(50, now: later, bytesPerSecond: 1_000, pause: .seconds(1))
        #expect(isMore)
        #expect(!outgoing.isForsaken(now: end) && outgoing.isForsaken(now: end + .seconds(1)))
        outgoing.beginReading()
        #expect(!outgoing.isForsaken(now: end + .seconds(9)), "the disk is slow, not the peer")
    }

    @Test func aHugeSnapshotPutsOffTheNextOneThatIsWantedAndNothingBreaks() {
        var taking = SnapshotTaking(startedAt: SteadyTime(0))
        taking.begin(behind: 10_000_000_000, now: SteadyTime(0))
        taking.want(LogIndex(9), now: SteadyTime(0))
        #expect(!taking.isWanted(behind: LogIndex(5), now: SteadyTime(0) + .seconds(9)))
        // At 8 MiB a second twenty minutes are enough.
        let later = SteadyTime(0) + .seconds(1_200)
        taking.want(LogIndex(9), now: later)
        #expect(taking.isWanted(behind: LogIndex(5), now: later))
    }
}
