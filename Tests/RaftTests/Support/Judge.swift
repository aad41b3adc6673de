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

    /// The state after each entry.
    var states: [LogIndex: UInt64] = [:]
    /// The newest committed membership, how many there were, and how many joint ones.
    var membership: Membership?
    var memberships = 0
    var joints = 0

    var highestCommit: LogIndex { LogIndex(UInt64(committed.count)) }

    /// One leader a term, and its log holds all that was ever committed.
    mutating func elected(_ id: NodeID, in term: Term, _ raft: Raft) -> String? {
        if let other = leaders[term], other != id { return "\(other) and \(id) lead term \(term)" }
        leaders[term] = id
        for (position, term) in committed.enumerated() {
            let index = LogIndex(UInt64(position) + 1)
            if index < raft.log.start.index { continue }
            if raft.log.term(at: index) != term { return "leader \(id) lacks committed entry \(index)" }
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
        let isHeld = raft.membership.isQuorum { disks[$0]?.holds(index, raft.log.term(at: index)) == true }
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

    /// Every node has the same state after an entry.
    mutating func applied(_ index: LogIndex, _ digest: UInt64, by id: NodeID) -> String? {
        if let known = states[index], known != digest { return "\(id) is in another state at \(index)" }
        states[index] = digest
        return nil
    }

    /// A snapshot stands for what was committed, and has the membership of there.
    func check(_ point: SnapshotPoint, _ digest: UInt64) -> String? {
        guard point.index <= highestCommit, point.index > .zero, states[point.index] == digest,
            committed[Int(point.index.rawValue) - 1] == point.term
        else { return "a snapshot of what was not committed at \(point.index)" }
        var index = point.index
        while index > .zero {
            let place = Place(index: index, term: committed[Int(index.rawValue) - 1])
            if let entry = contents[place]?.entry, entry.header.kind == .membership {
                let membership = try? Membership(payload: entry.payload.span.bytes)
                return membership == point.membership ? nil : "a snapshot at \(point.index) with another membership"
            }
            index = index.previous
        }
        return "a snapshot before any membership"
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
            if match >= raft.log.start.index, !disk.holds(match, raft.log.term(at: match)) {
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
