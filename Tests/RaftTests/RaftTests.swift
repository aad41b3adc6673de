import LeaseholdBase
import Testing

@testable import Raft

@Suite struct FirstStepsTests {
    @Test func aNodeAloneElectsItselfAndCommitsOnceItsDiskHasWritten() throws {
        var bench = Bench(1, try recovery(membership([1])))
        bench.tick()
        #expect(bench.raft.currentRole == .candidate)
        bench.persistAll()
        #expect(bench.raft.currentRole == .leader)
        #expect(bench.committed == nil)
        bench.persistAll()
        #expect(bench.committed == LogIndex(2))
        #expect(bench.propose() == .appended(LogIndex(3), Term(2)))
        bench.persistAll()
        #expect(bench.committed == LogIndex(3))
    }

    @Test func aLeaderOfThreeCommitsWithOneAnswer() throws {
        var bench = Bench(1, try recovery(membership([1, 2, 3])))
        bench.elect(by: [2])
        bench.accept(2, term: 2, from: 2)
        #expect(bench.committed == LogIndex(2))
        _ = bench.propose()
        bench.persistAll()
        bench.accept(3, term: 2, from: 3)
        #expect(bench.committed == LogIndex(3))
    }
}
