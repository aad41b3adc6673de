import CAllocationCounter
import LeaseMachine
import LeaseholdBase
import LeaseholdReplica
import Testing

@Suite struct AllocationTests {
    /// The hot path: 64 clients renew, the turn makes one entry of it, the disk has it, everybody is answered.
    @Test func aRenewalAllocatesNothingOnceWarm() throws {
        var node = try LoneNode()
        var frames: [UInt8] = []
        for sequence in 1...64 as ClosedRange<UInt64> {
            guard
                case .acquired(let claim, _)? =
                    try node.acquire("jobs/number-\(sequence)", ttl: .seconds(60), sequence: sequence)?.outcome().0
            else { continue }
            frames += node.frame(.renew([Renewal(claim: claim)]), correlation: 1_000 + sequence)
        }
        var counted: UInt64 = 0
        for round in 0..<400 {
            node.time += 1_000_000
            let before = allocations_of_this_thread()
            node.give(frames)
            node.replica.endTurn(now: node.now)
            if round >= 200 { counted += allocations_of_this_thread() - before }
            // What the disk of the test allocates is not counted.
            counted += node.carryOutCounting(counts: round >= 200)
            node.received.removeAll(keepingCapacity: true)
        }
        #if DEBUG
        // An unoptimised build allocates for closures and borrowed views that the optimiser removes.
        #expect(Double(counted) / (200 * 64) < 20)
        #else
        // The tables that grow by doubling as the log grows are all that is left.
        #expect(counted <= 16)
        #endif
        print("\(counted) allocations for \(200 * 64) renewals")
    }
}
