import LeaseholdBase

/// What follows a membership: pure, and without any knowledge of who is up.
///
/// A change of voters always goes by a joint membership, be it of one voter or of all: one mechanism, and a node is
/// replaced in one step (thesis §4.3). A change of learners or addresses leaves the voters as they are, and with them
/// every quorum, and takes one entry.
extension Membership {
    /// By how much the id of a new node may be greater than the greatest of before: none at or below it is ever used again,
    /// so that a mistyped one would use up all those between.
    public static let idStepLimit: UInt64 = 1_000

    /// How many bytes an address may have.
    public static let addressBytesLimit = 255

    /// The membership that a change leads to first: joint if its voters are others.
    func changed(by change: MembershipChange) throws(MembershipRefusal) -> Membership {
        switch change {
        case .addLearner(let member): try adding(member)
        case .reshape(let promoted, let removed): try reshaped(promoting: promoted, removing: removed)
        case .setAddresses(let id, let peer, let client): try moved(id, peer, client)
        }
    }

    /// Whether a change has come about, or was never needed. Of an id that no member ever had it cannot be said that it
    /// was removed.
    public func reflects(_ change: MembershipChange) -> Bool {
        switch change {
        case .addLearner(let wanted): member(wanted.id) == wanted
        case .reshape(let promoted, let removed):
            promoted.allSatisfy { voters.contains($0) } && removed.allSatisfy { member($0) == nil && $0 <= highestID }
                && !(promoted.isEmpty && removed.isEmpty)
        case .setAddresses(let id, let peer, let client):
            member(id).map { ($0.peerAddress, $0.clientAddress) == (peer, client) } ?? false
        }
    }

    /// What a joint membership is left for: the incoming voters alone, without those members that were outgoing only.
    var left: Membership {
        let kept = members.filter { voters.contains($0.id) || learners.contains($0.id) }
        return Membership(
            clusterID: clusterID, members: kept, voters: voters, learners: learners, highestID: highestID) ?? self
    }

    /// Whether every quorum of this membership meets every quorum of the one before it in the log: the voters are the
    /// same, or one of the two is joint and holds the other's voters.
    package func shares(quorumsOf previous: Membership) -> Bool {
        switch (previous.isJoint, isJoint) {
        case (false, false): previous.voters == voters
        case (false, true): previous.voters == outgoing
        case (true, false): previous.voters == voters
        case (true, true): (previous.voters, previous.outgoing) == (voters, outgoing)
        }
    }

    private func adding(_ member: Member) throws(MembershipRefusal) -> Membership {
        guard self.member(member.id) == nil else { throw .alreadyMember(member.id) }
        guard member.id != NodeID(0), member.incarnation != .unknown,
            !members.contains(where: { $0.incarnation == member.incarnation })
        else { throw .invalidMember(member.id) }
        guard member.id > highestID else { throw .idUsed(highest: highestID) }
        guard member.id.rawValue - highestID.rawValue <= Self.idStepLimit else { throw .idTooHigh(highest: highestID) }
        try check(member.peerAddress, member.clientAddress, of: member.id)
        guard members.count < Self.memberLimit else { throw .tooManyMembers }
        return try made(members + [member], voters, learners: learners + [member.id])
    }

    private func reshaped(
        promoting promoted: [NodeID], removing removed: [NodeID]
    ) throws(MembershipRefusal) -> Membership {
        let named = (promoted + removed).sorted()
        guard !named.isEmpty else { throw .unchanged }
        for (left, right) in zip(named, named.dropFirst()) where left == right { throw .contradiction(left) }
        for id in named where member(id) == nil { throw .unknownMember(id) }
        for id in promoted where isVoter(id) { throw .alreadyVoter(id) }
        let incoming = (voters.filter { !removed.contains($0) } + promoted).sorted()
        guard !incoming.isEmpty else { throw .noVoters }
        let studying = learners.filter { !named.contains($0) }
        let kept = members.filter { isVoter($0.id) || !removed.contains($0.id) }
        return try made(kept, incoming, outgoing: incoming == voters ? [] : voters, learners: studying)
    }

    private func moved(_ id: NodeID, _ peer: String, _ client: String) throws(MembershipRefusal) -> Membership {
        guard var member = member(id) else { throw .unknownMember(id) }
        guard (member.peerAddress, member.clientAddress) != (peer, client) else { throw .unchanged }
        try check(peer, client, of: id)
        (member.peerAddress, member.clientAddress) = (peer, client)
        return try made(members.filter { $0.id != id } + [member], voters, learners: learners)
    }

    private func check(_ peer: String, _ client: String, of id: NodeID) throws(MembershipRefusal) {
        for address in [peer, client] where address.isEmpty || address.utf8.count > Self.addressBytesLimit {
            throw .invalidAddress
        }
        for other in members where other.id != id {
            if other.peerAddress == peer || other.clientAddress == client { throw .addressTaken(by: other.id) }
        }
    }

    private func made(
        _ members: [Member], _ voters: [NodeID], outgoing: [NodeID] = [], learners: [NodeID]
    ) throws(MembershipRefusal) -> Membership {
        guard
            let next = Membership(
                clusterID: clusterID, members: members, voters: voters, outgoing: outgoing, learners: learners,
                highestID: highestID)
        else { throw .unchanged }
        return next
    }
}
