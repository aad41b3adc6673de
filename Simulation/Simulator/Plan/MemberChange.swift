import LeaseholdBase

/// A change of the membership, asked for by a client as an operator at some time. It may be refused.
public struct MemberChange: Codable, Hashable, Sendable {
    /// What is asked for.
    public enum Kind: String, Codable, Hashable, Sendable {
        /// A node that waits to be taken in becomes a learner.
        case add
        /// A learner gets a vote.
        case promote
        /// A member goes.
        case remove
        /// A learner takes the place of a voter.
        case replace
        /// Another node is to lead, or any other one than does.
        case handOver
    }

    /// When, in milliseconds.
    public var at: Int
    /// Which client asks for it, from 0; none if there is none of that number.
    public var client: Int
    /// What is asked for.
    public var kind: Kind
    /// The place of the node that it is about; of a replacement, of the one that goes; of a hand-over, −1 for any.
    public var node: Int
    /// Of a replacement, the place of the node that comes.
    public var other: Int

    /// Joins the fields.
    public init(at: Int, client: Int, kind: Kind, node: Int, other: Int = 0) {
        self.at = at
        self.client = client
        self.kind = kind
        self.node = node
        self.other = other
    }
}

extension Plan {
    /// A cluster of some of the nodes, and operators who take in the others, and let go of some.
    mutating func drawMembers() {
        var random = draws.source(.plan, 3)
        let founding = random.chance(1, in: 8) ? 1 : random.chance(1, in: 4) ? 5 : 3
        founders = founding
        nodes = founding + random.integer(in: 1...(founding == 5 ? 2 : 3))
        // Whoever is needed follows from what was changed: everybody is healed.
        core = Array(0..<nodes)
        guard clients > 0 else { return }
        var changes: [MemberChange] = []
        func note(_ at: Int, _ kind: MemberChange.Kind, _ node: Int, _ other: Int = 0) {
            let client = random.integer(in: 0...clients - 1)
            changes.append(MemberChange(at: min(at, trouble), client: client, kind: kind, node: node, other: other))
        }
        for spare in founding..<nodes {
            let at = random.integer(in: 0...trouble * 2 / 3)
            note(at, .add, spare)
            let later = at + random.integer(in: 50...trouble / 4)
            switch random.below(4) {
            case 0: break
            case 1: note(later, .replace, random.integer(in: 0...founding - 1), spare)
            default: note(later, .promote, spare)
            }
        }
        for _ in 0..<random.integer(in: 0...6) {
            let at = random.integer(in: trouble / 8...trouble)
            let node = random.integer(in: 0...nodes - 1)
            switch random.below(6) {
            case 0: note(at, .promote, node)
            case 2: note(at, .handOver, node)
            case 3: note(at, .handOver, -1)
            case 1: note(at, .replace, node, random.integer(in: 0...nodes - 1))
            default: note(at, .remove, node)
            }
        }
        members = changes.sorted { ($0.at, $0.node) < ($1.at, $1.node) }
    }
}
