internal import LeaseholdBase
internal import LeaseholdWire

/// What a node knows of one connection.
struct Session: Sendable {
    /// Who is at the other end.
    enum Role: Sendable {
        /// A client that has not greeted yet.
        case newClient
        /// A client.
        case client(ClientInstance)
        /// Another node that has not greeted yet.
        case newPeer
        /// Another node, which sends here and listens on a connection that this node dials.
        case peer(NodeIdentity)
        /// Another node that this one dialed; messages go there, and only the greeting comes back.
        case link(NodeID)
    }

    /// The connection.
    let connection: ConnectionID
    /// Who is at the other end.
    var role: Role
    /// What another node that has greeted can do.
    var features: FeatureSet = []
    /// When it was accepted or dialed.
    let since: SteadyTime
    /// When the frame at the front of the received bytes began to arrive, if it is not all there.
    var frameBegan: SteadyTime?

    /// By when something must have happened, or the connection is ended.
    var deadline: SteadyTime {
        switch role {
        case .newClient, .newPeer: since + ReplicaLimits.handshakeTime
        case .client, .peer, .link: frameBegan.map { $0 + ReplicaLimits.frameTime } ?? .never
        }
    }
}

/// The connections, by slot. A stale name of a slot finds nothing.
struct SessionTable: Sendable {
    private var slots: [Session?] = []
    /// How many clients there are, greeted or not.
    private(set) var clientCount = 0

    /// The session of a connection, or nil when it has ended.
    subscript(connection: ConnectionID) -> Session? {
        guard connection.slot < slots.count, let session = slots[connection.slot], session.connection == connection
        else { return nil }
        return session
    }

    /// Adds a session.
    mutating func insert(_ session: Session) {
        let slot = session.connection.slot
        precondition(slot <= 1 << 20, "a driver's table is no larger than its limit of connections")
        while slots.count <= slot { slots.append(nil) }
        if let earlier = slots[slot] { remove(earlier.connection) }
        slots[slot] = session
        if session.isClient { clientCount += 1 }
    }

    /// Changes a session that is there.
    mutating func update(_ connection: ConnectionID, _ change: (inout Session) -> Void) {
        guard connection.slot < slots.count, slots[connection.slot]?.connection == connection else { return }
        if var session = slots[connection.slot] {
            change(&session)
            slots[connection.slot] = session
        }
    }

    /// Forgets a session.
    @discardableResult
    mutating func remove(_ connection: ConnectionID) -> Session? {
        guard let session = self[connection] else { return nil }
        slots[connection.slot] = nil
        if session.isClient { clientCount -= 1 }
        return session
    }

    /// Visits every session, in the order of slots.
    func forEach(_ body: (Session) -> Void) {
        for session in slots { if let session { body(session) } }
    }
}

extension Session {
    /// Whether the other end is a client, greeted or not.
    var isClient: Bool {
        switch role {
        case .newClient, .client: true
        case .newPeer, .peer, .link: false
        }
    }
}
