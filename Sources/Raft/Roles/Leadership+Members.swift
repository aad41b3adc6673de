import LeaseholdBase

/// A peer on its way out of the cluster: fed until it knows, so that it goes quietly.
struct Departure: Hashable, Sendable {
    /// Who goes, as it was reached last.
    let member: Member
    /// The entry by which it is no member any more.
    let index: LogIndex
    /// Until when it is waited for: it may be down for good.
    let until: SteadyTime
    /// The round by which it has heard that the entry is committed.
    var farewell: UInt64?
}

extension Leadership {
    /// For how many election timeouts a peer that goes is told so.
    static let departureTimeouts: Int64 = 10

    /// Another membership is in force from the entry at the index: who came is fed from now on, and who goes is fed
    /// until it has heard.
    mutating func adopt(
        _ membership: Membership, after previous: Membership, at index: LogIndex, id: NodeID, now: SteadyTime,
        electionTimeout: Nanoseconds
    ) {
        for member in previous.members where membership.member(member.id) == nil && member.id != id {
            let until = now + electionTimeout * Self.departureTimeouts
            departing.append(Departure(member: member, index: index, until: until))
        }
        for member in membership.members where member.id != id {
            guard position(of: member.id) == nil else { continue }
            let place = peers.firstIndex { $0.id > member.id } ?? peers.count
            peers.insert(Progress(id: member.id, lastIndex: index, at: now), at: place)
        }
    }

    /// Lets go of those who have heard that they are no members, or have had the time for it.
    /// Nobody needs a snapshot for that.
    mutating func tendDepartures(
        commitIndex: LogIndex, log: RaftLog, at now: SteadyTime, marking marks: inout MarkSet<RaftMark>,
        into effects: inout [RaftEffect]
    ) {
        for leaver in departing {
            guard let place = departing.firstIndex(of: leaver), let position = position(of: leaver.member.id) else {
                continue
            }
            let peer = peers[position]
            defer {
                if peer.isTakingSnapshot, self.position(of: peer.id) == nil {
                    effects.append(.stopSnapshot(to: peer.id))
                }
            }
            if let farewell = leaver.farewell, peer.answeredRound >= farewell {
                marks.hit(.departureHeard)
                dismiss(peer.id)
            } else if now >= leaver.until || peer.next <= log.start.index {
                marks.hit(.departureUnheard)
                dismiss(peer.id)
            } else if leaver.farewell == nil, commitIndex >= leaver.index, peer.match >= leaver.index {
                // From the next round on, what it hears says that the entry is committed.
                departing[place].farewell = round + 1
            }
        }
    }

    /// Forgets a peer that is no member.
    mutating func dismiss(_ id: NodeID) {
        peers.removeAll { $0.id == id }
        departing.removeAll { $0.member.id == id }
    }

    /// Which of the voters were not heard for so long; this node hears itself.
    func silent(of voters: [NodeID], id: NodeID, within limit: Nanoseconds, at now: SteadyTime) -> [NodeID] {
        voters.filter { voter in
            guard voter != id else { return false }
            guard let position = position(of: voter) else { return true }
            return !peers[position].isHeard(within: limit, at: now)
        }
    }
}
