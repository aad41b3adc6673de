import LeaseholdBase
import Raft

@testable import Simulator

/// Elections, logs, commits and lives that cannot be, and some that can.
enum DoctoredLogs {
    static let stories: [DoctoredStory] = leaders + lives + logs + commits + promises

    static let leaders: [DoctoredStory] = [
        .init(1, "two nodes lead a term") {
            var leaders = Leaders()
            _ = leaders.leads(Term(3), NodeID(1), "node 1", &$0)
            _ = leaders.leads(Term(3), NodeID(2), "node 2", &$0)
        },
        .init(1, "a node sends an append of another's term") {
            var leaders = Leaders()
            _ = leaders.leads(Term(3), NodeID(1), "node 1", &$0)
            leaders.appends(Term(3), NodeID(2), "node 2", &$0)
        },
        .init(1, "a node sends an append of a term that nobody leads") {
            Leaders().appends(Term(3), NodeID(2), "node 2", &$0)
        },
        .init(nil, "each term has its leader, who sends its appends") {
            var leaders = Leaders()
            _ = leaders.leads(Term(3), NodeID(1), "node 1", &$0)
            _ = leaders.leads(Term(3), NodeID(1), "node 1", &$0)
            leaders.appends(Term(3), NodeID(1), "node 1", &$0)
            _ = leaders.leads(Term(4), NodeID(2), "node 2", &$0)
            leaders.appends(Term(3), NodeID(1), "node 1", &$0)
        },
    ]

    private static func facts(life: Int = 1, _ change: (inout NodeFacts) -> Void) -> NodeFacts {
        var facts = NodeFacts(place: 0, life: life)
        facts.term = Term(5)
        facts.votedFor = NodeID(1)
        facts.isLeader = true
        facts.lastIndex = LogIndex(20)
        facts.commit = LogIndex(15)
        facts.applied = LogIndex(14)
        facts.durableState = HardState(term: Term(5), votedFor: NodeID(1))
        facts.durableIndex = LogIndex(18)
        facts.durableTerm = Term(5)
        change(&facts)
        return facts
    }

    private static func turn(_ property: Int?, _ what: String, _ change: @escaping @Sendable (inout NodeFacts) -> Void)
        -> DoctoredStory
    {
        .init(property, what) {
            var lives = NodeLives(nodes: 1)
            lives.look(facts { _ in }, "node 1", &$0)
            lives.look(facts(change), "node 1", &$0)
        }
    }

    private static func start(
        _ property: Int?, _ what: String, at index: Term? = Term(5),
        _ change: @escaping @Sendable (inout NodeFacts) -> Void
    ) -> DoctoredStory {
        .init(property, what) {
            var lives = NodeLives(nodes: 1)
            lives.look(facts { _ in }, "node 1", &$0)
            let after = facts(life: 2) {
                $0.isLeader = false
                change(&$0)
            }
            lives.began(after, "node 1", termAt: { $0 == LogIndex(18) ? index : nil }, &$0)
        }
    }

    static let lives: [DoctoredStory] = [
        turn(3, "a term goes back") {
            $0.term = Term(4)
            $0.isLeader = false
        },
        turn(3, "a vote is taken back") { $0.votedFor = NodeID(2) },
        turn(3, "a durable term goes back") { $0.durableState = HardState(term: Term(4), votedFor: nil) },
        turn(3, "commit goes back") { $0.commit = LogIndex(14) },
        turn(3, "applied goes back") { $0.applied = LogIndex(13) },
        turn(3, "a leader cuts its log") { $0.cuts = 1 },
        turn(3, "a leader's log ends sooner") { $0.lastIndex = LogIndex(19) },
        turn(nil, "a leader goes on") {
            $0.lastIndex = LogIndex(25)
            $0.commit = LogIndex(20)
            $0.applied = LogIndex(20)
        },
        turn(nil, "a leader steps down and follows another") {
            $0.isLeader = false
            $0.term = Term(6)
            $0.votedFor = NodeID(2)
            $0.cuts = 1
            $0.lastIndex = LogIndex(16)
        },
        start(3, "a restart forgets the term") {
            $0.term = Term(4)
            $0.votedFor = nil
        },
        start(3, "a restart forgets the vote") { $0.votedFor = nil },
        start(9, "a restart lacks what was durable", at: nil) { $0.lastIndex = LogIndex(17) },
        start(9, "a restart has another entry where one was durable", at: Term(4)) { $0.lastIndex = LogIndex(20) },
        start(nil, "a restart forgets what was not durable") {
            $0.lastIndex = LogIndex(18)
            $0.commit = LogIndex(3)
            $0.applied = LogIndex(3)
        },
    ]

    static let logs: [DoctoredStory] = [
        .init(4, "two entries of one term at one index") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            bench.append(1, 1, "b", &$0)
        },
        .init(4, "the same entry behind different ones") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            bench.append(0, 3, "c", &$0)
            bench.append(1, 2, "b", &$0)
            bench.append(1, 3, "c", &$0)
        },
        .init(4, "a term's entries begin at two places") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            bench.append(0, 2, "b", &$0)
            bench.append(1, 2, "b", &$0)
        },
        .init(4, "an entry is rewritten within its term") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            bench.append(0, 1, "b", &$0)
            bench.cut(0, after: 1)
            bench.append(0, 1, "c", &$0)
        },
        .init(4, "a recovery brings another entry") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            bench.logs[1] = RaftRecovery(logMemoryBytes: 1 << 20)
            bench.append(1, 1, "b", &$0)
            bench.follow(1, life: 2, &$0)
        },
        .init(nil, "a conflict is cut and replaced") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            bench.append(1, 1, "a", &$0)
            bench.append(0, 1, "b", &$0)
            bench.append(1, 2, "c", &$0)
            bench.cut(0, after: 1)
            bench.append(0, 2, "c", &$0)
            bench.append(1, 2, "d", &$0)
            bench.append(0, 2, "d", &$0)
        },
        .init(12, "log time runs faster than true time") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            $0.now = 1_000_000_000
            bench.append(0, 1, "b", logTime: 1_020_000_000, &$0)
        },
        .init(12, "log time runs backwards") {
            var bench = LogBench()
            $0.now = 2_000_000_000
            bench.append(0, 1, "a", logTime: 1_000_000_000, &$0)
            bench.append(0, 1, "b", logTime: 999_999_999, &$0)
        },
        .init(nil, "log time runs as fast as a clock may, and stands still") {
            var bench = LogBench()
            bench.append(0, 1, "a", &$0)
            $0.now = 1_000_000_000
            bench.append(0, 1, "b", logTime: 1_010_000_000, &$0)
            $0.now = 9_000_000_000
            bench.append(0, 2, "c", logTime: 1_010_000_000, &$0)
        },
    ]

    private static func twoOfThree(_ findings: inout Findings) -> LogBench {
        var bench = LogBench()
        for node in 0..<2 {
            bench.append(node, 1, "a", &findings)
            bench.append(node, 1, "b", &findings)
        }
        bench.commit(0, 2, in: 1, &findings)
        return bench
    }

    static let commits: [DoctoredStory] = [
        .init(5, "a leader lacks a committed entry") {
            var bench = twoOfThree(&$0)
            bench.append(2, 1, "a", &$0)
            bench.lead(2, 2, &$0)
        },
        .init(5, "a leader has another entry in its place") {
            var bench = twoOfThree(&$0)
            bench.append(2, 1, "a", &$0)
            bench.append(2, 2, "c", &$0)
            bench.lead(2, 3, &$0)
        },
        .init(6, "a node applies another entry") {
            var bench = twoOfThree(&$0)
            bench.append(2, 1, "a", &$0)
            bench.append(2, 2, "c", &$0)
            bench.apply(0, 2, digest: 7, &$0)
            bench.apply(2, 2, digest: 7, &$0)
        },
        .init(6, "two nodes make different states of the same entries") {
            var bench = twoOfThree(&$0)
            bench.apply(0, 2, digest: 6, &$0)
            bench.apply(1, 2, digest: 8, &$0)
        },
        .init(10, "another entry is committed where one was") {
            var bench = twoOfThree(&$0)
            bench.append(2, 1, "a", &$0)
            bench.append(2, 2, "c", &$0)
            bench.commit(2, 2, in: 2, &$0)
        },
        .init(10, "more is committed behind another entry") {
            var bench = twoOfThree(&$0)
            bench.append(2, 1, "a", &$0)
            bench.append(2, 2, "c", &$0)
            bench.append(2, 2, "d", &$0)
            bench.commit(2, 3, in: 2, &$0)
        },
        .init(7, "a leader commits an entry of an earlier term by counting") {
            CommitRule.judge(LogIndex(4), Term(2), leaderTerm: Term(3), by: "node 1", &$0)
        },
        .init(7, "a leader commits what it has not") {
            CommitRule.judge(LogIndex(4), nil, leaderTerm: Term(3), by: "node 1", &$0)
        },
        .init(7, "two disks of five hold what is committed") {
            CommitRule.judge(LogIndex(4), Term(3), holding: 2, of: 5, by: "node 1", &$0)
        },
        .init(nil, "an old leader that hears of its end late need not have what came after") {
            var bench = twoOfThree(&$0)
            bench.lead(0, 2, &$0)
            bench.lead(1, 3, &$0)
            bench.append(2, 1, "a", &$0)
            bench.lead(2, 1, &$0)
            bench.commit(1, 2, in: 3, &$0)
            bench.apply(0, 2, digest: 8, &$0)
            bench.apply(1, 2, digest: 8, &$0)
            CommitRule.judge(LogIndex(4), Term(3), leaderTerm: Term(3), by: "node 1", &$0)
            CommitRule.judge(LogIndex(4), Term(3), holding: 3, of: 5, by: "node 1", &$0)
        },
    ]

    private static let fives = HardState(term: Term(5), votedFor: NodeID(2))

    static let promises: [DoctoredStory] = [
        .init(2, "a node votes twice in a term") {
            var promises = Promises()
            promises.note(NodeID(1), Term(5), NodeID(2), diskState: fives, nil, "node 1", &$0)
            let other = HardState(term: Term(5), votedFor: NodeID(3))
            promises.note(NodeID(1), Term(5), NodeID(3), diskState: other, nil, "node 1", &$0)
        },
        .init(8, "a vote is not on the disk") {
            var promises = Promises()
            let before = HardState(term: Term(4), votedFor: NodeID(2))
            promises.note(NodeID(1), Term(5), NodeID(2), diskState: before, nil, "node 1", &$0)
        },
        .init(8, "another vote is on the disk") {
            var promises = Promises()
            let other = HardState(term: Term(5), votedFor: nil)
            promises.note(NodeID(1), Term(5), NodeID(2), diskState: other, nil, "node 1", &$0)
        },
        .init(8, "a voter's disk cannot be read") {
            var promises = Promises()
            promises.note(NodeID(1), Term(5), NodeID(2), diskState: fives, "damaged", "node 1", &$0)
        },
        .init(8, "an acknowledged entry is not on the disk") {
            Promises.judge(acknowledged: LogIndex(9), Term(4), in: Term(5), Term(5), nil, nil, "node 1", &$0)
        },
        .init(8, "another entry is there") {
            Promises.judge(acknowledged: LogIndex(9), Term(4), in: Term(5), Term(5), Term(3), nil, "node 1", &$0)
        },
        .init(8, "the term of an acknowledgement is not on the disk") {
            Promises.judge(acknowledged: LogIndex(9), Term(4), in: Term(5), Term(4), Term(4), nil, "node 1", &$0)
        },
        .init(8, "a client is answered what one disk of three holds") {
            Promises.judge(reply: LogIndex(9), Term(4), 1, of: 3, 2, "node 1", &$0)
        },
        .init(9, "a node whose directory was emptied votes") {
            Promises.judgeOutcast(.voteAnswer(granted: true), in: Term(5), "node 1", &$0)
        },
        .init(9, "a node whose directory was emptied campaigns") {
            let question = RaftMessage.Body.vote(lastIndex: .zero, lastTerm: .zero, transfer: false)
            Promises.judgeOutcast(question, in: Term(5), "node 1", &$0)
        },
        .init(nil, "a node whose directory was emptied votes for nobody") {
            Promises.judgeOutcast(.voteAnswer(granted: false), in: Term(5), "node 1", &$0)
            Promises.judgeOutcast(.preVoteAnswer(granted: true), in: Term(5), "node 1", &$0)
        },
        .init(nil, "promises are kept") {
            var promises = Promises()
            promises.note(NodeID(1), Term(5), NodeID(2), diskState: fives, nil, "node 1", &$0)
            promises.note(NodeID(1), Term(5), NodeID(2), diskState: fives, nil, "node 1", &$0)
            let later = HardState(term: Term(6), votedFor: nil)
            promises.note(NodeID(3), Term(5), NodeID(2), diskState: later, nil, "node 3", &$0)
            Promises.judge(acknowledged: LogIndex(9), Term(4), in: Term(5), Term(6), Term(4), nil, "node 1", &$0)
            Promises.judge(reply: LogIndex(9), Term(4), 2, of: 3, 2, "node 1", &$0)
        },
    ]
}
