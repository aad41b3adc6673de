import LeaseholdBase
import Raft

@testable import Simulator

/// Elections and log clocks of leaders that cannot be, and some that can.
enum DoctoredLeaders {
    static let stories: [DoctoredStory] = [
        .init(12, "a leader charges the time in which it did not run") { tell([0, 50, 151], &$0) },
        .init(16, "a leader lets more than a pulse pass while a deadline is pending") {
            tell([0, 100, 200, 300, 400, 500, 600, 700], owesPulses: true, &$0)
        },
        .init(nil, "a leader is late by two heartbeats at a time") { tell([0, 100, 200, 300], &$0) },
        .init(nil, "a leader with nothing pending is silent") {
            tell([0, 100, 200, 300, 400, 500, 600, 700, 800, 900], &$0)
        },
        .init(1, "a node leads with the votes of fewer disks than a majority") {
            ElectionRule.judge(Term(4), votes: 2, of: 5, by: "node 1", &$0)
        },
        .init(nil, "a node leads with the votes of a majority of the disks") {
            ElectionRule.judge(Term(4), votes: 3, of: 5, by: "node 1", &$0)
        },
        .init(nil, "another term begins at another time") {
            var clocks = LeaderClocks(nodes: 3, heartbeat: .milliseconds(50))
            clocks.look(clock(1, 0), of: 0, "node 1", &$0)
            clocks.look(clock(2, 10_000), of: 0, "node 1", &$0)
        },
    ]

    private static func clock(_ term: UInt64, _ milliseconds: Int64, owesPulses: Bool = false) -> LeaderClock {
        var clock = LeaderClock()
        clock.term = Term(term)
        clock.logTime = LogTime.zero + .milliseconds(milliseconds)
        clock.owesPulses = owesPulses
        clock.pulse = .milliseconds(500)
        return clock
    }

    /// A node leads, and shows its log clock turn by turn; its last entry is at zero.
    private static func tell(_ times: [Int64], owesPulses: Bool = false, _ findings: inout Findings) {
        var clocks = LeaderClocks(nodes: 3, heartbeat: .milliseconds(50))
        for time in times { clocks.look(clock(1, time, owesPulses: owesPulses), of: 0, "node 1", &findings) }
    }
}
