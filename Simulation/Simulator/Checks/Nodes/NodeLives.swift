import LeaseholdBase
import Raft

/// What a node may never take back, within a life and from one life to the next.
///
/// Within a life: term, commit and applied only rise, and a leader only appends (property 3). From life to life: term and
/// vote are at least what was durable (3), and the log holds what was durable of it (9), whatever a crash did to the rest.
/// What was durable is what the node knew to be so at its last turn; all its promises rest on that. A write that was under
/// way may have reached the disk or not, and takes back none of it: it can only add, or cut what was not in the log any
/// more.
struct NodeLives {
    private struct Life {
        var facts: NodeFacts
        /// What was promised: it outlives the process.
        var promised = HardState(term: .zero, votedFor: nil)
        var isKnown = false
        var wasBorn = false
    }

    private var lives: [Life]
    private let founders: Int
    /// How many starts were compared with what had been promised.
    private(set) var recoveries = 0

    /// - Parameter founders: How many of them the cluster is born of: all, unless it is told.
    init(nodes: Int, founders: Int? = nil) {
        lives = (0..<nodes).map { Life(facts: NodeFacts(place: $0, life: 0)) }
        self.founders = founders ?? nodes
    }

    /// Whether every node of which the cluster is born was seen with an entry in its log.
    var areBorn: Bool { lives.prefix(founders).allSatisfy { $0.wasBorn } }

    /// How a node stood when it was last looked at.
    func facts(of place: Int) -> NodeFacts { lives[place].facts }

    /// The same of all nodes, by place.
    var all: [NodeFacts] { lives.map(\.facts) }

    /// A node has been started, and has read its disk.
    ///
    /// - Parameters:
    ///   - start: The last entry that is in a snapshot alone: what was durable before it is in there.
    ///   - termAt: The term of an entry of its log.
    mutating func began(
        _ facts: NodeFacts, _ label: String, start: LogIndex = .zero, termAt: (LogIndex) -> Term?,
        _ findings: inout Findings
    ) {
        defer { note(facts) }
        let before = lives[facts.place]
        guard before.isKnown else { return }
        recoveries += 1
        if facts.term < before.promised.term {
            findings.add(
                3, by: label, "begins in term \(facts.term)", "term \(before.promised.term) was durable on its disk")
        } else if facts.term == before.promised.term, let vote = before.promised.votedFor, facts.votedFor != vote {
            findings.add(
                3, by: label,
                "begins in term \(facts.term) with a vote for \(facts.votedFor?.description ?? "nobody")",
                "its vote for \(vote) in that term was durable on its disk")
        }
        let held = termAt(before.facts.durableIndex)
        if before.facts.durableIndex >= start, held != before.facts.durableTerm {
            findings.add(
                9, by: label,
                "begins with \(held.map { "an entry of term \($0)" } ?? "nothing") at \(before.facts.durableIndex)",
                "entry \(before.facts.durableIndex) of term \(before.facts.durableTerm) was durable on its disk")
        }
    }

    /// A node's directory is gone: nothing binds the next one but what others keep on record.
    mutating func emptied(_ place: Int) {
        lives[place] = Life(facts: NodeFacts(place: place, life: 0), wasBorn: lives[place].wasBorn)
    }

    /// A node has taken a turn.
    mutating func look(_ facts: NodeFacts, _ label: String, _ findings: inout Findings) {
        let before = lives[facts.place]
        if before.isKnown, before.facts.life == facts.life { compare(facts, with: before, label, &findings) }
        note(facts)
    }

    private mutating func note(_ facts: NodeFacts) {
        let wasBorn = lives[facts.place].wasBorn || facts.durableIndex > .zero
        lives[facts.place] = Life(facts: facts, promised: facts.durableState, isKnown: true, wasBorn: wasBorn)
    }

    private func compare(_ facts: NodeFacts, with life: Life, _ label: String, _ findings: inout Findings) {
        let before = life.facts
        if facts.term < before.term {
            findings.add(3, by: label, "is in term \(facts.term)", "it was in term \(before.term)")
        }
        if facts.term == before.term, let vote = before.votedFor, facts.votedFor != vote {
            findings.add(
                3, by: label, "has a vote for \(facts.votedFor?.description ?? "nobody") in term \(facts.term)",
                "it had voted for \(vote) in that term")
        }
        if facts.durableState.term < life.promised.term {
            findings.add(
                3, by: label, "takes term \(facts.durableState.term) for durable",
                "term \(life.promised.term) was durable")
        }
        if facts.commit < before.commit {
            findings.add(3, by: label, "knows \(facts.commit) to be committed", "it knew \(before.commit)")
        }
        if facts.applied < before.applied {
            findings.add(3, by: label, "has applied \(facts.applied)", "it had applied \(before.applied)")
        }
        guard facts.isLeader, before.isLeader, facts.term == before.term else { return }
        if facts.cuts != before.cuts || facts.lastIndex < before.lastIndex {
            findings.add(
                3, by: label, "has cut its log, which ends at \(facts.lastIndex)",
                "it leads term \(facts.term) and had \(before.lastIndex)")
        }
    }
}
