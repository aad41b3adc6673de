public import LeaseholdBase
internal import LeaseholdWire
internal import Raft

/// Who a driver's listener is for.
public enum ListenerKind: Sendable {
    /// Clients.
    case client
    /// Other nodes.
    case peer
}

extension Replica {
    /// A connection was accepted.
    public mutating func accepted(_ connection: ConnectionID, on listener: ListenerKind, now: TimeReading) {
        let role: Session.Role = listener == .client ? .newClient : .newPeer
        sessions.insert(Session(connection: connection, role: role, since: now.steady))
        if listener == .client, sessions.clientCount > ReplicaLimits.clientConnections {
            refuse(connection, .tooManyConnections, "this node holds as many connections as it may; try another")
        }
    }

    /// Bytes arrived on a connection: all that have arrived and were not consumed before.
    /// - Returns: How many of them are done with. What is left is the beginning of a frame, and is handed in again,
    ///   longer, with the next bytes.
    public mutating func received(_ connection: ConnectionID, _ bytes: RawSpan, now: TimeReading) -> Int {
        var consumed = 0
        while let session = sessions[connection] {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            switch FrameParser.next(in: rest) {
            case .needMore:
                noteFrameProgress(session, hasBegun: rest.byteCount > 0, isNew: consumed > 0, now: now)
                return consumed
            case .bad(let code):
                marks.hit(.badFrameRefused)
                refuse(connection, code, "what was sent is no frame of this protocol")
                return bytes.byteCount
            case .frame(let header, let body, let length):
                consumed += length
                guard header.group == 0 else {
                    refuse(connection, .group, "this node knows group 0 only")
                    return bytes.byteCount
                }
                frame(header.kind, rest.extracting(body), session, now: now)
            }
        }
        return bytes.byteCount
    }

    /// A connection ended, whoever ended it.
    public mutating func closed(_ connection: ConnectionID, now: TimeReading) {
        guard let session = sessions.remove(connection) else { return }
        switch session.role {
        case .newClient, .newPeer: break
        case .client: downloads.forget(connection)
        case .peer(let identity):
            connectionLost(to: identity.node, now: now)
            part(from: connection)
        case .link(let node): linkLost(node, connection, now: now)
        }
    }

    private mutating func frame(_ kind: FrameKind, _ body: RawSpan, _ session: Session, now: TimeReading) {
        do throws(DecodingError) {
            switch (session.role, kind) {
            case (.newClient, .clientHello): try clientHello(body, session, now: now)
            case (.client, .request): try clientRequest(body, session, now: now)
            case (.client, .ping): try clientPing(body, session)
            case (.newPeer, .peerHello): try peerHello(body, session, now: now)
            case (.peer(let sender), .raft), (.peer(let sender), .raftAppend):
                try raftMessage(body, from: sender, now: now)
            case (.peer(let sender), .birth): try birthMessage(body, from: sender, now: now)
            case (.peer(let sender), .snapshot): try snapshotMessage(body, from: sender, now: now)
            case (.peer, .ping): try peerPing(body, session, now: now)
            case (.link(let node), .ping): try linkAnswered(body, by: node, session.connection, now: now)
            case (.link(let node), .peerHelloAnswer): try peerHelloAnswer(body, from: node, session, now: now)
            case (.link(let node), .connectionError): try peerRefused(body, by: node, session, now: now)
            case (_, .connectionError): drop(session.connection)
            case (.newClient, _), (.newPeer, _):
                refuse(session.connection, .handshakeExpected, "a connection begins with a handshake")
            case (.client, .clientHello), (.peer, .peerHello):
                refuse(session.connection, .handshakeExpected, "the handshake is over")
            default: refuse(session.connection, .kind, "this side may not send that")
            }
        } catch {
            refuse(session.connection, .malformed, "a frame's body does not follow its layout")
        }
    }

    /// Tells the other side why, and closes.
    mutating func refuse(_ connection: ConnectionID, _ code: ConnectionErrorCode, _ message: String) {
        counters.connectionsRefused &+= 1
        let start = outgoing.count
        ConnectionErrorMessage(code: code, message: message).encodeFrame(into: &outgoing)
        effects.append(.send(connection, start..<outgoing.count))
        drop(connection)
    }

    /// Closes, without another word.
    mutating func drop(_ connection: ConnectionID) {
        let session = sessions.remove(connection)
        downloads.forget(connection)
        effects.append(.close(connection))
        // The driver tells of no connection's end that was ended here.
        if case .peer = session?.role { part(from: connection) }
    }

    private mutating func noteFrameProgress(_ session: Session, hasBegun: Bool, isNew: Bool, now: TimeReading) {
        if !hasBegun {
            if session.frameBegan != nil { sessions.update(session.connection) { $0.frameBegan = nil } }
        } else if isNew || session.frameBegan == nil {
            sessions.update(session.connection) { $0.frameBegan = now.steady }
            sweepDue = min(sweepDue, now.steady + ReplicaLimits.frameTime)
        }
    }

    /// Ends the connections that took too long over a handshake or a frame.
    mutating func sweepSessions(now: TimeReading) {
        guard now.steady >= sweepDue else { return }
        sweepDue = now.steady + .seconds(1)
        var late: [(ConnectionID, ConnectionErrorCode)] = []
        sessions.forEach { session in
            guard session.deadline <= now.steady else { return }
            switch session.role {
            case .newClient, .newPeer: late.append((session.connection, .handshakeTimeout))
            case .client, .peer, .link: late.append((session.connection, .frameTimeout))
            }
        }
        for (connection, code) in late {
            marks.hit(code == .handshakeTimeout ? .slowHandshakeEnded : .slowFrameEnded)
            refuse(connection, code, "what was begun was not finished in time")
        }
    }

    /// Queues the frame that the body appends to the output.
    mutating func send(to connection: ConnectionID, _ encode: (inout [UInt8]) -> Void) {
        let start = outgoing.count
        encode(&outgoing)
        if outgoing.count > start { effects.append(.send(connection, start..<outgoing.count)) }
    }
}
