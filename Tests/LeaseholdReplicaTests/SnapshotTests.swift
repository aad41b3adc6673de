import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

@Suite struct ReplicaSnapshotTests {
    private func small(_ configuration: inout ReplicaConfiguration) {
        configuration.segmentBytes = 4_096
        configuration.retainedTailBytes = 0
        configuration.snapshots = SnapshotPolicy(logBytes: 8_192, age: .seconds(60), logBytesMinimum: 1_024)
        configuration.snapshotShareBytes = 256
        configuration.snapshotStepBytes = 512
    }

    /// A node that has granted so many leases, one after the other.
    private func busy(_ leases: UInt64, on disk: SimulatedDisk = SimulatedDisk()) throws -> LoneNode {
        var node = try LoneNode(on: disk, small)
        for number in 1...leases {
            node.time += 5_000_000
            let answer = try #require(try node.acquire("jobs/\(number)", ttl: .seconds(600), sequence: number))
            #expect(answer.head.kind == .outcome)
        }
        for _ in 0..<50 {
            node.time += 20_000_000
            node.turn()
        }
        return node
    }

    @Test func theLogIsReleasedBehindSnapshotsAndTheDirectoryStaysSmall() throws {
        let node = try busy(400)
        #expect(node.ending == nil && node.replica.violations() == [])
        #expect(node.replica.raft.log.start.index > LogIndex(300))
        #expect(node.replica.journal.firstIndex == node.replica.raft.log.start.index.next)
        #expect(node.disk.fileNames.filter { $0.hasSuffix(".snap") }.count == 1)
        #expect(node.replica.journal.usedBytes < 160 << 10)
    }

    @Test func aStartBeginsWithTheSnapshotAndHasTheSameState() throws {
        let node = try busy(300)
        let before = node.replica
        var disk = node.disk
        disk.processEnded()
        var configuration = before.configuration
        configuration.processID = 2
        let after = try Replica.open(configuration, disk: &disk, seed: 3, now: node.now)
        #expect(after.raft.log.start.index > .zero && after.appliedIndex == after.raft.commitIndex)
        #expect(after.raft.lastIndex == before.raft.lastIndex && after.raft.membership == before.raft.membership)
        #expect(after.machine.claimCount == 300 && after.violations() == [])
        // It goes on, with tokens above those before.
        var next = try LoneNode(on: disk, small)
        let answer = try #require(try next.acquire("jobs/again", sequence: 1_000))
        guard case .acquired(_, .holding(let token, _)) = try answer.outcome().0 else {
            Issue.record("not granted")
            return
        }
        #expect(token.rawValue > before.raft.lastIndex.rawValue)
    }

    /// A share of the state each turn, so that nobody waits for more than that; and one lone batch after another goes on.
    @Test func aSnapshotIsTakenWhileRequestsAreAnswered() throws {
        var node = try LoneNode { small(&$0) }
        var mostInATurn = 0
        for number in 1...300 as ClosedRange<UInt64> {
            let before = node.replica.journal.snapshotBytes.byteCount
            #expect(try node.acquire("jobs/\(number)", ttl: .seconds(600), sequence: number) != nil)
            mostInATurn = max(mostInATurn, node.replica.journal.snapshotBytes.byteCount - before)
            node.time += 5_000_000
        }
        #expect(node.replica.journal.snapshot != nil && mostInATurn <= 4_096 + 64 << 10)
    }

    @Test func aSnapshotThatCannotBeWrittenIsGivenUpAndTriedAgainLater() throws {
        var node = try LoneNode { small(&$0) }
        node.disk.faults.capacityBytes = node.disk.fileNames.count * 64 << 10
        for number in 1...200 as ClosedRange<UInt64> {
            _ = try node.acquire("jobs/\(number)", ttl: .seconds(600), sequence: number)
            node.time += 5_000_000
        }
        node.disk.faults.capacityBytes = nil
        for _ in 0..<20 {
            node.time += 1_000_000_000
            node.turn()
        }
        #expect(node.ending == nil && node.replica.violations() == [])
        #expect(try node.acquire("jobs/later", ttl: .seconds(600), sequence: 1_000) != nil)
        for _ in 0..<20 {
            node.time += 1_000_000_000
            node.turn()
        }
        #expect(node.replica.journal.snapshot != nil)
    }
}
