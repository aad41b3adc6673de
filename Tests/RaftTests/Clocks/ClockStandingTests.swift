import LeaseholdBase
import Testing

@testable import Raft

@Suite struct ClockStandingTests {
    typealias Verdict = ClockComparison.Verdict

    /// How node 1 stands among as many nodes as there are verdicts of others, and one.
    private func standing(_ verdicts: [Verdict], in membership: Membership? = nil) -> ClockStanding {
        let ids = (1...UInt64(verdicts.count + 1)).map { $0 }
        let members = membership ?? RaftTests.membership(ids)
        return members.clockStanding(of: NodeID(1)) { verdicts[Int($0.rawValue) - 2] }
    }

    static let table: [([Verdict], ClockStanding)] = [
        // Of two nobody can know.
        ([.ahead], .unknown), ([.behind], .unknown), ([.agrees], .right),
        // Of three it takes both others, in one direction.
        ([.ahead, .ahead], .slow), ([.behind, .behind], .fast), ([.ahead, .behind], .unknown),
        ([.ahead, .unknown], .unknown), ([.behind, .agrees], .right), ([.agrees, .agrees], .right),
        ([.unknown, .unknown], .unknown),
        // Of four as many may be wrong as right; of five it takes three.
        ([.ahead, .ahead, .agrees], .unknown), ([.ahead, .ahead, .ahead], .slow),
        ([.behind, .behind, .agrees, .unknown], .unknown), ([.behind, .behind, .behind, .agrees], .fast),
        ([.behind, .behind, .agrees, .agrees], .right), ([.behind, .behind, .ahead, .ahead], .unknown),
    ]

    @Test(arguments: table) func aQuorumOfOthersMakesANodeTheOddOne(verdicts: [Verdict], expected: ClockStanding) {
        #expect(standing(verdicts) == expected)
    }

    @Test func ofAJointMembershipBothGroupsCount() {
        let joint = membership([1, 2, 3], outgoing: [1, 4, 5])
        #expect(standing([.ahead, .ahead, .agrees, .agrees], in: joint) == .unknown)
        #expect(standing([.ahead, .ahead, .ahead, .ahead], in: joint) == .slow)
    }

    @Test func learnersDoNotCount() {
        let members = membership([1, 2, 3], learners: [4, 5])
        #expect(standing([.ahead, .agrees, .ahead, .ahead], in: members) == .right)
    }

    /// Whatever the rates are, somebody is left who may lead.
    @Test func notEveryVoterIsTheOddOne() {
        var random = RandomSource(seed: 12)
        for _ in 0..<2_000 {
            let count = random.integer(in: 1...7)
            let rates = (0..<count).map { _ in random.integer(in: 0...8) }
            let members = membership((1...UInt64(count)).map { $0 })
            let odd = members.voters.filter { id in
                let own = rates[Int(id.rawValue) - 1]
                return members.clockStanding(of: id) { other in
                    let theirs = rates[Int(other.rawValue) - 1]
                    return theirs > own + 1 ? .ahead : theirs + 1 < own ? .behind : .agrees
                }.isOdd
            }
            #expect(odd.count < count)
        }
    }
}
