internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// A node of this cluster that this one does not know as a member and that has greeted: a leader that was added while this
/// one was away (trap 34), or the first that a joining node hears of. It is reached where it says.
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
        let version = raft.contactsVersion
        guard isBorn, version != contactsKept else { return }
        contactsKept = version
        keepLinks()
        noteStanding()
    }

    private mutating func keepLink(to member: Member) {
        guard let position = links.firstIndex(where: { $0.id == member.id }) else {
            links.append(PeerLink(id: member.id, address: member.peerAddress, incarnation: member.incarnation))
            return
        }
        if links[position].address != member.peerAddress {
            // It has moved: what is open leads to where it was.
            hangUp(links[position])
            links[position] = PeerLink(id: member.id, address: member.peerAddress, incarnation: member.incarnation)
        }
        if member.incarnation != .unknown { links[position].incarnation = member.incarnation }
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
        strangers.removeAll { $0.member.id == hello.sender.node }
        if strangers.count >= Stranger.most { strangers.removeFirst() }
        let member = Member(
            id: hello.sender.node, peerAddress: hello.peerAddress, clientAddress: hello.clientAddress,
            incarnation: hello.sender.incarnation)
        strangers.append(Stranger(member: member, connection: connection))
        marks.hit(.strangerMet)
        learnCluster(of: hello)
        keepLinks()
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
        guard configuration.joins, cluster == .unborn, hello.receiver.incarnation == identity.incarnation else { return }
        marks.hit(.clusterJoined)
        log(.info, "joined", "cluster \(hello.cluster) by way of node \(hello.sender.node)")
        journal.learn(cluster: hello.cluster)
    }
}
