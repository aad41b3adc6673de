internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A client says who it is.
    mutating func clientHello(_ body: RawSpan, _ session: Session, now: TimeReading) throws(DecodingError) {
        let hello = try ClientHello(decoding: body)
        guard let version = hello.protocols.common(with: .current) else {
            let reason = ProtocolRange.current.refusal(of: hello.protocols, "client")
            return refuse(session.connection, .protocolUnsupported, reason)
        }
        guard hello.cluster == .unborn || hello.cluster == cluster else {
            return refuse(session.connection, .wrongCluster, "this node belongs to cluster \(cluster)")
        }
        guard hello.authentication != nil else {
            return refuse(session.connection, .authentication, "this node knows no authentication yet")
        }
        sessions.update(session.connection) { $0.role = .client(hello.instance) }
        // A birth that is not durable may be forgotten with a loss of power, and a client that was told of it would be refused
        // by whatever is born then.
        let welcome = Welcome(
            protocolVersion: version, cluster: isBorn ? cluster : .unborn, node: configuration.id,
            belief: BeliefRule(
                driftPartsPerMillion: configuration.clockDriftPartsPerMillion, margin: configuration.beliefMargin),
            limits: AdvertisedLimits(
                shortestTTL: machine.settings.ttlMinimum, longestTTL: machine.settings.ttlMaximum),
            logTime: appliedLogTime, leader: leaderHint)
        send(to: session.connection) { welcome.encodeFrame(into: &$0) }
    }

    /// This node has learned its cluster. Who was greeted before and was told of none comes again, and hears which it is: a
    /// connection is to one cluster for as long as it lasts.
    mutating func dropEarlyClients() {
        var early: [ConnectionID] = []
        sessions.forEach { if case .client = $0.role { early.append($0.connection) } }
        for connection in early { drop(connection) }
    }

    /// A client asks whether the node lives.
    mutating func clientPing(_ body: RawSpan, _ session: Session) throws(DecodingError) {
        let ping = try Ping(decoding: body)
        let pong = Pong(correlation: ping.correlation, logTime: appliedLogTime, leader: leaderHint)
        send(to: session.connection) { pong.encodeFrame(into: &$0) }
    }

    /// A client asks for something.
    mutating func clientRequest(_ body: RawSpan, _ session: Session, now: TimeReading) throws(DecodingError) {
        let request = try ClientRequestView(decoding: body)
        let waiter = Waiter(connection: session.connection, correlation: request.correlation)
        guard isBorn, stopping != .ended else { return answer(waiter, refusal: Refusal(.notReady, retryAfter: retry)) }
        switch request.operation {
        case .command: command(request.body, waiter, now: now)
        case .get, .list, .settings, .members: read(request.operation ?? .get, request.body, waiter, now: now)
        case .status: status(waiter)
        case .transfer: transfer(request.body, waiter, now: now)
        case .changeMembers: changeMembers(request.body, waiter, now: now)
        case .snapshot: snapshot(request.body, waiter, now: now)
        case nil: answer(waiter, refusal: Refusal(.notSupported, message: "this node does not know that operation"))
        }
    }

    /// When a refused client may come back.
    var retry: Nanoseconds { ReplicaLimits.retryAfter }

    /// The head of an answer of a kind.
    func answerHead(_ waiter: Waiter, _ kind: AnswerKind) -> AnswerHead {
        AnswerHead(correlation: waiter.correlation, logTime: appliedLogTime, kind: kind)
    }

    /// Refuses one attempt at the door.
    mutating func answer(_ waiter: Waiter, refusal: Refusal) {
        counters.requestsRefused &+= 1
        let head = answerHead(waiter, .refused)
        send(to: waiter.connection) { refusal.encodeFrame(head, into: &$0) }
    }

    /// Declines a request for what it says: the same everywhere, and nothing was appended.
    mutating func answer(_ waiter: Waiter, declining error: LeaseError) {
        counters.requestsRefused &+= 1
        let head = answerHead(waiter, .declined)
        send(to: waiter.connection) { head.encodeFrame(declining: error, into: &$0) }
    }

    /// Says who leads, as far as known.
    mutating func answerNotLeader(_ waiter: Waiter) {
        let head = answerHead(waiter, .notLeader)
        let hint = leaderHint.node == configuration.id ? .none : leaderHint
        send(to: waiter.connection) { hint.encodeFrame(head, into: &$0) }
    }

    /// Says that nobody here will learn what came of it.
    mutating func answerUnknown(_ waiter: Waiter) {
        #if PLANTED_BUGS
        if planted(.unknownAsNotDone) { return answerNotLeader(waiter) }
        #endif
        marks.hit(.unknownAnswered)
        counters.requestsUnknown &+= 1
        let head = answerHead(waiter, .unknown)
        send(to: waiter.connection) { bytes in
            let start = head.begin(in: &bytes)
            FrameWriter.finish(at: start, in: &bytes)
        }
    }

    /// Says how this node fares.
    private mutating func status(_ waiter: Waiter) {
        let role: NodeRole
        switch raft.currentRole {
        case .leader: role = .leader
        case .candidate, .preCandidate: role = .candidate
        case .follower, .stopped: role = raft.membership.learners.contains(configuration.id) ? .learner : .follower
        }
        let membership = raft.membership
        let digest = machine.digest.rawValue
        let status = NodeStatus(
            cluster: cluster, identity: identity, role: role, term: raft.term, leader: raft.leader,
            last: raft.lastIndex,
            commit: raft.commitIndex, applied: appliedIndex,
            process: UInt64(UInt32(bitPattern: configuration.processID)),
            clientAddress: ownAddresses.client, peerAddress: ownAddresses.peer,
            digestHigh: UInt64(truncatingIfNeeded: digest >> 64),
            digestLow: UInt64(truncatingIfNeeded: digest), clock: NodeClock(clockStanding), levels: levels,
            members: membership.members.map {
                MemberStatus(
                    node: $0.id, votes: membership.isVoter($0.id), peerAddress: $0.peerAddress,
                    clientAddress: $0.clientAddress)
            })
        let head = answerHead(waiter, .status)
        send(to: waiter.connection) { bytes in
            let start = head.begin(in: &bytes)
            status.encode(into: &bytes)
            FrameWriter.finish(at: start, in: &bytes)
        }
    }
}

extension NodeClock {
    /// As it is told to clients.
    fileprivate init(_ standing: ClockStanding) {
        switch standing {
        case .unknown: self = .unknown
        case .right: self = .right
        case .fast: self = .fast
        case .slow: self = .slow
        }
    }
}
