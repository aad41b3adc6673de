import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Raft

/// What nodes promise one another and their clients, read from the bytes they send: it must be durable when it is said, and
/// votes must not contradict one another across crashes.
///
/// One vote a term and node (property 2); acknowledgement implies durable (property 8), for every vote, and for a sample of
/// the acknowledgements of appends and of the replies to clients. Whether it does is asked of the production recovery, from
/// a copy of the sender's durable image; for a reply, of those of a quorum.
struct Promises {
    /// Who got which node's vote in which term.
    private var ballots: [Ballot: NodeID] = [:]
    private struct Ballot: Hashable {
        var voter: NodeID
        var term: Term
    }

    private var batch = EntryBatch()
    private var acknowledgements: UInt64 = 0
    private var replies: UInt64 = 0
    /// How many promises were compared with a durable image.
    private(set) var compared = 0
    /// One in so many acknowledgements is compared.
    static let sampling: UInt64 = 97
    /// One in so many replies is compared, with all disks.
    static let replySampling: UInt64 = 211

    init() {}

    /// A node hands bytes to a connection: whole frames of its own, whose checksums need not be looked at.
    mutating func look(at bytes: [UInt8], from node: SimulatedNode, _ world: World) {
        let all = unsafe bytes.span.bytes
        var start = 0
        while start + FrameHeader.bytes <= all.byteCount {
            var reader = ByteReader(all.extracting(start..<all.byteCount))
            guard let length = try? reader.uint32(), length >= FrameHeader.bytes,
                start + Int(length) <= all.byteCount
            else { return }
            let frame = all.extracting(start..<start + Int(length))
            start += Int(length)
            switch FrameKind(rawValue: unsafe frame.unsafeLoad(fromByteOffset: 9, as: UInt8.self)) {
            case .raft:
                let body = frame.extracting(FrameHeader.bytes..<frame.byteCount)
                if let received = try? RaftMessageCodec.decode(body, into: &batch) {
                    look(at: received, from: node, world)
                }
            case .raftAppend:
                // Only the term is wanted: it stands behind the envelope.
                var append = ByteReader(frame.extracting(FrameHeader.bytes + PeerEnvelope.bytes..<frame.byteCount))
                if let term = try? append.uint64() { world.checks.appends(Term(term), node, world) }
            case .answer: look(atAnswer: frame, from: node, world)
            default: break
            }
        }
    }

    private mutating func look(at received: ReceivedRaftMessage, from node: SimulatedNode, _ world: World) {
        let term = received.message.term
        if node.mayRefuse { Self.judgeOutcast(received.message.body, in: term, node.label, &world.findings) }
        switch received.message.body {
        case .vote: vote(of: node, term, for: node.id, world)
        case .voteAnswer(granted: true): vote(of: node, term, for: received.envelope.receiver.node, world)
        case .appendAnswer(.accepted(let match), round: _):
            acknowledgements += 1
            guard acknowledgements % Self.sampling == 0, let held = node.running?.replica.raft.log.term(at: match)
            else {
                return
            }
            compared += 1
            let image = DurableImage(of: node, world.plan)
            Self.judge(
                acknowledged: match, held, in: term, image.term,
                image.holds(match, held) ? held : image.term(at: match),
                image.failure, node.label,
                &world.findings)
        default: break
        }
    }

    /// A node whose directory was emptied when there was a cluster has lost what it promised, and promises nothing more
    /// (property 9): it does not vote, for itself or others, and acknowledges no entry.
    static func judgeOutcast(
        _ body: RaftMessage.Body, in term: Term, _ label: String, _ findings: inout Findings
    ) {
        let promise: String
        switch body {
        case .vote: promise = "campaigns in term \(term)"
        case .voteAnswer(granted: true): promise = "votes in term \(term)"
        case .appendAnswer(.accepted(let match), round: _) where match > .zero:
            promise = "acknowledges entry \(match) in term \(term)"
        default: return
        }
        findings.add(9, by: label, promise, "its directory was emptied, and what it had promised is lost")
    }

    /// An acknowledgement against what the disk has.
    static func judge(
        acknowledged match: LogIndex, _ held: Term, in term: Term, _ diskTerm: Term, _ diskEntry: Term?,
        _ failure: String?, _ label: String, _ findings: inout Findings
    ) {
        guard failure != nil || diskTerm < term || diskEntry != held else { return }
        findings.add(
            8, by: label, "acknowledges entry \(match) of term \(held) in term \(term)",
            failure
                ?? "its disk has term \(diskTerm) and \(diskEntry.map { "an entry of term \($0)" } ?? "nothing") there")
    }

    private mutating func vote(of node: SimulatedNode, _ term: Term, for candidate: NodeID, _ world: World) {
        compared += 1
        let image = DurableImage(of: node, world.plan)
        note(
            node.id, term, candidate, diskState: HardState(term: image.term, votedFor: image.votedFor), image.failure,
            node.label, &world.findings)
    }

    /// A vote, with what the voter's disk has.
    mutating func note(
        _ voter: NodeID, _ term: Term, _ candidate: NodeID, diskState: HardState, _ failure: String?, _ label: String,
        _ findings: inout Findings
    ) {
        let ballot = Ballot(voter: voter, term: term)
        if let other = ballots[ballot], other != candidate {
            findings.add(2, by: label, "votes for \(candidate) in term \(term)", "it voted for \(other) in that term")
        }
        ballots[ballot] = candidate
        let isKept = diskState.term > term || (diskState.term == term && diskState.votedFor == candidate)
        guard failure != nil || !isKept else { return }
        findings.add(
            8, by: label, "votes for \(candidate) in term \(term)",
            failure
                ?? "its disk has a vote for \(diskState.votedFor?.description ?? "nobody") in term \(diskState.term)")
    }

    /// What a client is told came of a committed entry, and of all before it: a quorum's disks hold them.
    private mutating func look(atAnswer frame: RawSpan, from node: SimulatedNode, _ world: World) {
        let kindAt = FrameHeader.bytes + AnswerHead.bytes - 1
        guard frame.byteCount > kindAt,
            AnswerKind(rawValue: unsafe frame.unsafeLoad(fromByteOffset: kindAt, as: UInt8.self)) == .outcome
        else { return }
        replies += 1
        guard replies % Self.replySampling == 0, let index = node.running?.replica.appliedIndex,
            let term = node.running?.replica.raft.log.term(at: index)
        else { return }
        compared += 1
        guard let membership = node.running?.replica.raft.membershipInLog else { return }
        let memberships = world.checks.memberships.deciding(node.place, now: membership)
        let holding = QuorumImages.holding(index, term, by: memberships, world)
        if holding.holds { return }
        Self.judge(
            reply: index, term, holding.count, of: holding.of, holding.of / 2 + 1, node.label, &world.findings)
    }

    /// A reply against what the disks have.
    static func judge(
        reply index: LogIndex, _ term: Term, _ holding: Int, of nodes: Int, _ quorum: Int, _ label: String,
        _ findings: inout Findings
    ) {
        guard holding < quorum else { return }
        findings.add(
            8, by: label, "answers a client at entry \(index) of term \(term)", "\(holding) of \(nodes) disks hold it")
    }
}
