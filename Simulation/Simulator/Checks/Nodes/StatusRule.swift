import LeaseholdBase
import LeaseholdWire

/// What a node says of itself must have been true between the question and the answer, as far as that can be told
/// (property 18): of one life of the node it is known how far it had come, and the log knows every state.
struct StatusRule {
    /// Whom the client asked; nil: whoever answers.
    var asked: NodeID?
    /// How many nodes there are, and whether all of them belong to the cluster.
    var nodes: Int
    var areAllMembers = true
    /// How the node that answered stood when it was asked and when the answer was there: only of one life do they say
    /// anything of what lies between.
    var before: NodeFacts
    var after: NodeFacts
    /// The last entry that any node knows to be committed.
    var committed: LogIndex
    /// Who was seen to lead the term that the answer names.
    var leader: NodeID?
    /// The digest of the state that the answer names, in 64 bits as the ledger has it.
    var digest: UInt64?

    /// Judges an answer.
    func judge(_ status: NodeStatus, by label: String, _ findings: inout Findings) {
        let node = status.identity.node
        func violate(_ what: String, _ against: String) {
            findings.add(18, by: label, "is told by node \(node) that \(what)", against)
        }
        if let asked, asked != node { violate("it is that", "node \(asked) was asked") }
        if status.applied > status.commit || status.commit > status.last {
            violate("it has applied \(status.applied) of \(status.commit)", "its log ends at \(status.last)")
        }
        if status.commit > committed {
            violate("\(status.commit) is committed", "nobody knows more than \(committed) to be")
        }
        // One that was elected and deposed within a turn nobody saw lead.
        if status.role == .leader, let leader, leader != node {
            violate("it leads term \(status.term)", "node \(leader) does")
        }
        if let told = status.leader, let leader, told != leader {
            violate("node \(told) leads term \(status.term)", "node \(leader) does")
        }
        if let digest, ClaimLedger.fold(status) | 1 != digest {
            violate("its state at \(status.applied) is \(status.digest)", "the log makes another one")
        }
        let members = status.members.map(\.node.rawValue)
        let isRight =
            areAllMembers
            ? members == Array(1...UInt64(nodes)) : members.allSatisfy { (1...UInt64(nodes)).contains($0) }
        if !members.isEmpty, !isRight {
            violate("the members are \(members)", "there are \(nodes) nodes")
        }
        guard before.life == after.life, before.life > 0 else { return }
        let ranges = [
            ("its term", before.term.rawValue, status.term.rawValue, after.term.rawValue),
            ("its commit", before.commit.rawValue, status.commit.rawValue, after.commit.rawValue),
            ("what it has applied", before.applied.rawValue, status.applied.rawValue, after.applied.rawValue),
        ]
        for (name, least, told, most) in ranges where told < least || told > most {
            violate("\(name) is \(told)", "it was \(least) when that was asked, and is \(most)")
        }
    }
}

extension ClaimLedger {
    /// The digest of a status in 64 bits.
    static func fold(_ status: NodeStatus) -> UInt64 { status.digestHigh ^ mix(status.digestLow) }
}

extension ClusterChecks {
    /// How each node stands, by place.
    var facts: [NodeFacts] { lives.all }

    /// A client was told how a node fares.
    ///
    /// - Parameter before: How each node stood when that was asked.
    func judge(
        _ status: NodeStatus, asked: NodeID?, before: [NodeFacts], by label: String, _ findings: inout Findings
    ) {
        let place = Int(truncatingIfNeeded: status.identity.node.rawValue) - 1
        guard before.indices.contains(place) else {
            return findings.add(18, by: label, "is told by node \(status.identity.node)", "there is no such node")
        }
        StatusRule(
            asked: asked, nodes: before.count, areAllMembers: areAllMembers, before: before[place],
            after: lives.facts(of: place),
            committed: committed, leader: leaders.leader(of: status.term), digest: ledger.digest(at: status.applied)
        ).judge(status, by: label, &findings)
    }
}
