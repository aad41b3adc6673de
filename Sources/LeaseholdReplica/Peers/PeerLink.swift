internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

/// The highest batch number that a data directory has shown: one that shows less later was rolled back.
struct BatchSeen: Sendable {
    let identity: NodeIdentity
    var batch: UInt64
}

/// The connection that this node keeps to another one, on which it sends; what the other sends comes on a connection
/// that the other keeps.
struct PeerLink: Sendable {
    /// How far the connection is.
    enum State: Sendable {
        /// None, until the time to dial again.
        case idle(until: SteadyTime)
        /// Being dialled; the driver tells how it went after ``ConnectionTimes/dial`` at the latest.
        case dialing
        /// Connected; the other has not answered the greeting yet.
        case greeting(ConnectionID, since: SteadyTime)
        /// Messages go.
        case open(ConnectionID)
    }

    /// The other node.
    let id: NodeID
    /// Where it is reached, as far as the membership says.
    var address: String
    /// Where peers and clients reach it by its own account, if that is elsewhere: it has moved, and the membership may follow.
    var told: (peer: String, client: String)?
    /// Where it was dialled last.
    var dialled = ""
    /// Its incarnation, as far as known.
    var incarnation: Incarnation
    /// How far the connection is.
    var state: State
    /// The batch number that the greeting of this connection showed.
    var shownBatch: UInt64 = 0
    /// Whether anything was sent since the other side was last asked for a sign of life.
    var hasSent = false
    /// When the other side was asked for a sign of life that it has not given yet, and by what number.
    var probed: (at: SteadyTime, correlation: CorrelationID)?
    /// When it is asked again at the earliest.
    var nextProbe = SteadyTime.zero
    /// Whether the other side tells what its clock reads with each sign of life: then it is asked for them all the time.
    var tellsClock = false
    /// The greatest level of commands that the other side understands, as it told last.
    var levelKnown: UInt64?
    /// How the other side's clock compares with the own one.
    var clock: ClockComparison
    /// What the operator was told last of the other side's clock.
    var clockTold = ClockComparison.Verdict.unknown
    /// Whether the node that was last met there belongs to another cluster.
    var isForeign = false
    /// Dials since a connection was last open.
    var failures: UInt32 = 0

    init(id: NodeID, address: String, incarnation: Incarnation, driftPartsPerMillion: UInt32) {
        self.id = id
        self.address = address
        self.incarnation = incarnation
        clock = ClockComparison(driftPartsPerMillion: driftPartsPerMillion)
        state = .idle(until: .zero)
    }

    /// Where it is dialled next: of two addresses one after the other, for either may be the one that is right.
    var dialAddress: String { failures.isMultiple(of: 2) ? address : told?.peer ?? address }

    /// Where its clients connect by its own account, when it was met at the address that goes with that; nil when the
    /// membership is right as far as is known.
    var provedClientAddress: String? {
        guard let told, openConnection != nil, dialled == told.peer, !told.client.isEmpty else { return nil }
        return told.client
    }

    /// The connection over which messages go now.
    var openConnection: ConnectionID? {
        if case .open(let connection) = state { return connection }
        return nil
    }

    /// Whether this is the connection of the link, greeted or not.
    func uses(_ connection: ConnectionID) -> Bool {
        switch state {
        case .greeting(let current, _), .open(let current): return current == connection
        case .idle, .dialing: return false
        }
    }

    /// The other side has answered the greeting.
    mutating func opened(_ connection: ConnectionID, tellsClock: Bool, now: SteadyTime) {
        state = .open(connection)
        self.tellsClock = tellsClock
        clock.forget()
        failures = 0
        isForeign = false
        hasSent = false
        probed = nil
        nextProbe = now + ReplicaLimits.linkProbe
    }

    /// What an open link wants: a connection whose other end is gone without a word (a host that lost its power) may
    /// swallow what is sent for minutes before the kernel says so.
    enum Need {
        case nothing
        case probe(ConnectionID)
        case giveUp(ConnectionID)
    }

    /// What the link wants now.
    func need(now: SteadyTime) -> Need {
        guard let connection = openConnection else { return .nothing }
        if let probed { return now >= probed.at + ReplicaLimits.linkSilence ? .giveUp(connection) : .nothing }
        return (hasSent || tellsClock) && now >= nextProbe ? .probe(connection) : .nothing
    }

    /// When the link wants attention next.
    var due: SteadyTime {
        switch state {
        case .idle(let until): until
        case .dialing: .never
        case .greeting(_, let since): since + ReplicaLimits.handshakeTime
        case .open:
            probed.map { $0.at + ReplicaLimits.linkSilence } ?? (hasSent || tellsClock ? nextProbe : .never)
        }
    }

    /// The link is down: dial again after a pause that doubles from 10 ms to 320 ms, with full jitter on top.
    mutating func lost(now: SteadyTime, random: inout RandomSource) {
        // The other side may come back in another life, with another zero of its clock.
        clock.forget()
        let doublings = min(failures, 5)
        failures = failures &+ 1
        let pause = Nanoseconds.milliseconds(10 << Int64(doublings))
        state = .idle(until: now + pause / 2 + random.duration(in: .zero...pause / 2))
    }
}
