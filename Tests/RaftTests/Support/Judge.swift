import LeaseholdBase

@testable import Raft

/// What must hold of all nodes together, over the whole run.
struct Judge {
    struct Place: Hashable {
        var index: LogIndex
        var term: Term
    }
    struct Ballot: Hashable {
        var voter: NodeID
        var term: Term
    }
    struct Content: Equatable {
        var entry: DiskImage.StoredEntry
        var previousTerm: Term
    }

    var leaders: [Term: NodeID] = [:]
    var contents: [Place: Content] = [:]
    var votes: [Ballot: NodeID] = [:]
    /// The terms of all committed entries, in order of index, and who was the first to know.
    var committed: [Term] = []

    /// The newest committed membership, how many there were, and how many joint ones.
    var membership: Membership?
    var memberships = 0
    var joints = 0

    var highestCommit: LogIndex { LogIndex(UInt64(committed.count)) }

    /// One leader a term, and its log holds all that was ever committed.
    mutating func elected(_ id: NodeID, in term: Term, _ raft: Raft) -> String? {
        if let other = leaders[term], other != id { return "\(other) and \(id) lead term \(term)" }
        leaders[term] = id
        for (position, term) in committed.enumerated() where raft.log.term(at: LogIndex(UInt64(position) + 1)) != term {
            return "leader \(id) lacks committed entry \(position + 1)"
        }
        return nil
    }

    /// Log matching: index and term name one entry and its predecessor.
    @discardableResult
    mutating func store(_ entry: DiskImage.StoredEntry, after previousTerm: Term) -> String? {
        let place = Place(index: entry.header.index, term: entry.header.term)
        let content = Content(entry: entry, previousTerm: previousTerm)
        if let known = contents[place], known != content { return "two entries \(place.index) of term \(place.term)" }
        contents[place] = content
        return nil
    }

    /// State machine safety, and that a quorum's disks hold what is committed.
    ///
    /// Who commits first is the leader, and its membership is the one whose quorum counts.
    mutating func committed(_ index: LogIndex, by id: NodeID, _ raft: Raft, disks: [NodeID: DiskImage]) -> String? {
        let known = min(highestCommit, index)
        if known > .zero, raft.log.term(at: known) != committed[Int(known.rawValue) - 1] {
            return "\(id) commits another entry \(known)"
        }
        guard index > highestCommit else { return nil }
        for next in highestCommit.rawValue + 1...index.rawValue {
            guard let term = raft.log.term(at: LogIndex(next)) else { return "\(id) commits beyond its log" }
            committed.append(term)
            if let fault = follow(Place(index: LogIndex(next), term: term)) { return fault }
        }
        let isHeld = raft.membership.isQuorum { disks[$0]?.term(at: index) == raft.log.term(at: index) }
        return isHeld ? nil : "\(index) is committed by \(id) and not on the disks of a quorum"
    }

    /// Every committed membership has its quorums in common with the one before it.
    private mutating func follow(_ place: Place) -> String? {
        guard let entry = contents[place]?.entry, entry.header.kind == .membership else { return nil }
        guard let next = try? Membership(payload: entry.payload.span.bytes) else { return "no membership at \(place)" }
        defer { membership = next }
        memberships += 1
        if next.isJoint { joints += 1 }
        guard let membership else { return nil }
        return next.shares(quorumsOf: membership) ? nil : "the membership of \(place) has quorums apart from the last"
    }

    /// What a message promises is on its sender's disk.
    mutating func sending(_ message: RaftMessage, to peer: NodeID, by id: NodeID, _ raft: Raft, disk: DiskImage)
        -> String?
    {
        switch message.body {
        case .voteAnswer(granted: true):
            let ballot = Ballot(voter: id, term: message.term)
            if let other = votes[ballot], other != peer { return "\(id) votes twice in term \(message.term)" }
            votes[ballot] = peer
            if disk.hardState != HardState(term: message.term, votedFor: peer) {
                return "\(id) grants before its disk has the vote"
            }
        case .appendAnswer(.accepted(let match), _):
            if disk.hardState.term != message.term { return "\(id) acknowledges in a term its disk has not" }
            if disk.term(at: match) == nil || disk.term(at: match) != raft.log.term(at: match) {
                return "\(id) acknowledges \(match) before its disk has it"
            }
        case .append(_, _, _, _, let count):
            if let leader = leaders[message.term], leader != id { return "\(id) appends in the term of \(leader)" }
            if count < 0 { return "a negative number of entries" }
        default: break
        }
        return nil
    }
}
