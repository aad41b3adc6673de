import LeaseMachine
import LeaseholdBase
import LeaseholdWire
import Raft

@testable import Simulator

/// What a node says of itself, beside what is known of it.
extension DoctoredClaims {
    /// Node 2 follows in term 4 of node 1, and has come from 8 to 12 between question and answer.
    private static func told(
        _ change: (inout NodeStatus, inout StatusRule) -> Void, _ findings: inout Findings
    ) {
        var (before, after) = (NodeFacts(place: 1, life: 3), NodeFacts(place: 1, life: 3))
        (before.term, before.commit, before.applied) = (Term(3), LogIndex(8), LogIndex(8))
        (after.term, after.commit, after.applied) = (Term(4), LogIndex(12), LogIndex(12))
        var rule = StatusRule(
            asked: NodeID(2), nodes: 3, before: before, after: after, committed: LogIndex(13), leader: NodeID(1),
            digest: (6 ^ mix(9)) | 1)
        var status = NodeStatus(
            cluster: ClusterID(high: 1, low: 1), identity: NodeIdentity(node: NodeID(2), incarnation: Incarnation(5)),
            role: .follower, term: Term(4), leader: NodeID(1), last: LogIndex(14), commit: LogIndex(11),
            applied: LogIndex(10), process: 1, clientAddress: "", peerAddress: "", digestHigh: 6, digestLow: 9,
            members: (1...3).map {
                MemberStatus(node: NodeID($0), votes: true, peerAddress: "", clientAddress: "")
            })
        change(&status, &rule)
        rule.judge(status, by: "client 1", &findings)
    }

    static let statuses: [DoctoredStory] = [
        .init(nil, "a status says what was so") { told({ _, _ in }, &$0) },
        .init(nil, "a node that was started anew begins again") {
            told(
                { status, rule in
                    (status.commit, status.applied, status.term) = (LogIndex(1), LogIndex(1), Term(2))
                    rule.after.life = 4
                }, &$0)
        },
        .init(18, "another node answers") { told({ _, rule in rule.asked = NodeID(3) }, &$0) },
        .init(18, "a status is older than the question") {
            told({ status, _ in (status.commit, status.applied) = (LogIndex(7), LogIndex(7)) }, &$0)
        },
        .init(18, "a status is of a term that has not begun") {
            told({ status, _ in status.term = Term(5) }, &$0)
        },
        .init(18, "a status takes more for committed than anybody") {
            told(
                { status, rule in
                    status.commit = LogIndex(14)
                    rule.after.life = 4
                }, &$0)
        },
        .init(18, "a status has applied more than is committed") {
            told({ status, _ in status.applied = LogIndex(12) }, &$0)
        },
        .init(18, "a follower says that it leads") { told({ status, _ in status.role = .leader }, &$0) },
        .init(18, "a status takes another node for the leader") {
            told({ status, _ in status.leader = NodeID(3) }, &$0)
        },
        .init(18, "a status has another state than the log makes") {
            told({ status, _ in status.digestLow = 8 }, &$0)
        },
        .init(18, "a status leaves a member out") { told({ status, _ in status.members.removeLast() }, &$0) },
    ]
}
