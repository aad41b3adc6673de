import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Raft

/// What nodes promise one another, read from the bytes they send: it must be durable when it is said, and votes must not
/// contradict one another across crashes.
///
/// One vote a term and node (property 2); acknowledgement implies durable (property 8), for every vote and a sample of
/// the appends.
struct Promises {
    private struct Ballot: Hashable {
        var voter: NodeID
        var term: Term
    }

    private var votes: [Ballot: NodeID] = [:]
    private var batch = EntryBatch()
    private var sampled: UInt64 = 0
    /// The greatest term in which each node, by its place, has promised anything.
    private(set) var promisedTerms: [Term]
    /// How many promises were compared with a durable image.
    private(set) var compared = 0
    /// One in so many acknowledgements is compared.
    static let sampling: UInt64 = 97

    init(nodes: Int) { promisedTerms = [Term](repeating: .zero, count: nodes) }

    /// A node's directory is gone: another incarnation begins, without a term. What the old one voted stays on record.
    mutating func wiped(_ node: SimulatedNode) { promisedTerms[node.place] = .zero }

    /// A node hands bytes to a connection.
    mutating func look(at bytes: [UInt8], from node: SimulatedNode, _ world: World) {
        var rest = unsafe bytes.span.bytes
        while case .frame(let header, let body, let consumed) = FrameParser.next(in: rest) {
            if header.kind == .raft, let received = try? RaftMessageCodec.decode(rest.extracting(body), into: &batch) {
                look(at: received, from: node, world)
            }
            rest = rest.extracting(consumed..<rest.byteCount)
        }
    }

    private mutating func look(at received: ReceivedRaftMessage, from node: SimulatedNode, _ world: World) {
        let term = received.message.term
        switch received.message.body {
        case .vote: note(node, term, votedFor: node.id, world)
        case .voteAnswer(granted: true): note(node, term, votedFor: received.envelope.receiver.node, world)
        case .appendAnswer(.accepted(let match), round: _):
            promisedTerms[node.place] = max(promisedTerms[node.place], term)
            sampled += 1
            guard sampled % Self.sampling == 0, let held = node.replica?.raft.log.term(at: match) else { return }
            compared += 1
            let image = DurableImage(of: node, world.plan)
            if image.failure != nil || image.term < term || image.term(at: match) != held {
                world.violate(
                    8, by: node.label, "acknowledged entry \(match) of term \(held) in term \(term)",
                    "its disk has term \(image.term) and \(image.term(at: match)?.description ?? "nothing") there "
                        + (image.failure ?? ""))
            }
        default: break
        }
    }

    private mutating func note(_ node: SimulatedNode, _ term: Term, votedFor candidate: NodeID, _ world: World) {
        promisedTerms[node.place] = max(promisedTerms[node.place], term)
        let ballot = Ballot(voter: node.id, term: term)
        if let other = votes[ballot], other != candidate {
            world.violate(2, by: node.label, "voted for \(candidate) in term \(term)", "it voted for \(other)")
        }
        votes[ballot] = candidate
        compared += 1
        let image = DurableImage(of: node, world.plan)
        if image.failure != nil || image.term < term || (image.term == term && image.votedFor != candidate) {
            world.violate(
                8, by: node.label, "voted for \(candidate) in term \(term)",
                "its disk has a vote for \(image.votedFor?.description ?? "nobody") in term \(image.term) "
                    + (image.failure ?? ""))
        }
    }
}
