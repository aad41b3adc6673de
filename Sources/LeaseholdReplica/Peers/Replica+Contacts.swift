internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// A node of this cluster that this one does not know as a member and that has greeted: a leader that was added while this
/// one was away (trap 34), the first that a joining node hears of, or a leader by whose own entry it is no member any more
/// and which still needs the answers to that (trap 33). It is reached where it says.
struct Stranger: Sendable {
    let member: Member
    /// The connection on which it greeted; when that ends, so does the acquaintance.
    let connection: ConnectionID

    /// How many are known at once.
    static let most = 8
}

/// Whom a node keeps links to.
extension Replica {
    /// Keeps a link to everyone whom consensus may have something to say to (while unborn: to every listed node), and drops
    /// the others.
    mutating func keepLinks() {
        var wanted: [Member]
        if isBorn {
            wanted = raft.contacts
            strangers.removeAll { stranger in wanted.contains { $0.id == stranger.member.id } }
            for link in links where !wanted.contains(where: { $0.id == link.id }) { estrange(link) }
            wanted += strangers.map(\.member)
        } else {
            wanted = configuration.listed.map { listed in
                Member(
                    id: listed.id, peerAddress: listed.peerAddress, clientAddress: listed.clientAddress,
                    incarnation: .unknown)
            }
        }
        for link in links where !wanted.contains(where: { $0.id == link.id }) { hangUp(link) }
        links.removeAll { link in !wanted.contains { $0.id == link.id } }
        for member in wanted where member.id != configuration.id { keepLink(to: member) }
    }

    /// Keeps links anew when the membership or those who are being let go are others than when that was done last.
    mutating func keepContacts() {
        guard isBorn else { return }
        let version = raft.contactsVersion
        let isSettled = raft.changeUnderWay == nil
        defer { (contactsKept, standingSettled) = (version, isSettled) }
        if version != contactsKept { keepLinks() }
        // That a membership is committed, by which this node is none of it, changes no contact.
        if version != contactsKept || isSettled != standingSettled { noteStanding() }
    }

    /// A node is no member any more. As long as it speaks to this one, it is answered.
    private mutating func estrange(_ link: PeerLink) {
        guard !strangers.contains(where: { $0.member.id == link.id }) else { return }
        var greeted: ConnectionID?
        sessions.forEach { if case .peer(let sender) = $0.role, sender.node == link.id { greeted = $0.connection } }
        guard let greeted else { return }
        let member = Member(
            id: link.id, peerAddress: link.told?.peer ?? link.address, clientAddress: "", incarnation: link.incarnation)
        know(Stranger(member: member, connection: greeted))
    }

    /// Adds one to those known; another is forgotten when there are too many, but not the one that leads.
    private mutating func know(_ stranger: Stranger) {
        strangers.removeAll { $0.member.id == stranger.member.id }
        if strangers.count >= Stranger.most, let place = strangers.firstIndex(where: { $0.member.id != raft.leader }) {
            strangers.remove(at: place)
        }
        strangers.append(stranger)
    }

    private mutating func keepLink(to member: Member) {
        guard let position = links.firstIndex(where: { $0.id == member.id }) else {
            links.append(link(to: member))
            return
        }
        if links[position].address != member.peerAddress {
            // It has moved: what is open leads to where it was.
            hangUp(links[position])
            links[position] = link(to: member)
        }
        if member.incarnation != .unknown { links[position].incarnation = member.incarnation }
    }

    private func link(to member: Member) -> PeerLink {
        PeerLink(
            id: member.id, address: member.peerAddress, incarnation: member.incarnation,
            driftPartsPerMillion: configuration.clockDriftPartsPerMillion)
    }

    private mutating func hangUp(_ link: PeerLink) {
        switch link.state {
        case .greeting(let connection, _), .open(let connection): drop(connection)
        case .idle, .dialing: break
        }
    }

    /// A node has greeted that is no member as far as this one knows.
    mutating func meet(_ hello: PeerHello, on connection: ConnectionID) {
        guard isBorn, hello.sender.node != configuration.id, raft.membership.member(hello.sender.node) == nil,
            !hello.peerAddress.isEmpty, hello.cluster != .unborn
        else { return }
        let member = Member(
            id: hello.sender.node, peerAddress: hello.peerAddress, clientAddress: hello.clientAddress,
            incarnation: hello.sender.incarnation)
        know(Stranger(member: member, connection: connection))
        marks.hit(.strangerMet)
        learnCluster(of: hello)
        keepLinks()
    }

    /// A member has greeted, and says where it is reached. One that has moved is dialled there too, before the membership
    /// says so: it may be needed for the quorum that is to agree to that.
    mutating func noteAddress(of hello: PeerHello) {
        guard isBorn, let member = raft.membership.member(hello.sender.node),
            let position = links.firstIndex(where: { $0.id == hello.sender.node })
        else { return }
        let told = (peer: hello.peerAddress, client: hello.clientAddress)
        let isKnown = told.peer.isEmpty || told == (member.peerAddress, member.clientAddress)
        links[position].told = isKnown ? nil : told
    }

    /// A connection ended: whoever was met on it is forgotten.
    mutating func part(from connection: ConnectionID) {
        let count = strangers.count
        strangers.removeAll { $0.connection == connection }
        if strangers.count < count { keepLinks() }
    }

    /// A node that is to join learns its cluster from the first node that means its very directory: the cluster has taken
    /// it in.
    private mutating func learnCluster(of hello: PeerHello) {
        guard configuration.joins, cluster == .unborn, hello.receiver.incarnation == identity.incarnation else {
            return
        }
        marks.hit(.clusterJoined)
        log(.info, "joined", "cluster \(hello.cluster) by way of node \(hello.sender.node)")
        journal.learn(cluster: hello.cluster)
        dropEarlyClients()
    }
}
