import LeaseMachine
import LeaseholdBase
import LeaseholdReplica
import Testing

@Suite struct StopTests {
    @Test func aStopWaitsForACleanEndOfTheJournal() throws {
        var node = try LoneNode()
        _ = try node.acquire("jobs/a", sequence: 1)
        node.replica.stop(now: node.now)
        for _ in 0..<200 where node.ending == nil {
            node.time += 10_000_000
            node.turn()
        }
        #expect(node.ending == .asked)
    }

    @Test func aStopDoesNotWaitForADiskThatHangs() throws {
        var node = try LoneNode()
        _ = try node.acquire("jobs/a", sequence: 1)
        node.diskWorks = false
        node.replica.stop(now: node.now)
        let asked = node.time
        var turns = 0
        while node.ending == nil, turns < 1_000 {
            // As a driver does: the next turn comes when the node asks for it.
            node.time = max(node.time + 1_000, min(node.replica.deadline.rawValue, node.time + 1_000_000_000))
            node.turn()
            turns += 1
        }
        #expect(node.ending == .asked)
        #expect(node.time - asked < 5_000_000_000)
        #expect(turns < 100)
    }
}
