import LeaseholdBase
import LeaseholdWire

/// A dial that a client asked for: the endpoint, and which of its dials. A report of an older dial is not of this one.
@frozen public struct EndpointID: Hashable, Sendable {
    let slot: UInt32
    let dial: UInt32
}

/// A place where a node may be reached, and the connection to it.
struct Endpoint {
    /// Where the connection stands.
    enum Link {
        case idle
        case dialing(since: SteadyTime)
        /// The hello was sent.
        case greeting(ConnectionID, since: SteadyTime)
        case open(ConnectionID)
    }

    /// What was found of it last.
    enum Standing {
        /// Nothing since this client's cluster is known.
        case untried
        /// It could not be connected to, or did not greet.
        case unreachable(at: SteadyTime)
        /// It has told its cluster.
        case names(ClusterID, at: SteadyTime)
    }

    /// A ping without an answer yet.
    struct OpenPing {
        var correlation: UInt64
        var sent: SteadyTime
    }

    var address: String
    /// Learnt from a hint, so that it may make room for another.
    var learnt: Bool
    var link = Link.idle
    var dial: UInt32 = 0
    var node: NodeID?
    /// The node said last that it leads, or another said so of it.
    var leads = false
    var breaker = CircuitBreaker()
    var dialFailures = 0
    var dialNotBefore = SteadyTime.zero
    var ping: OpenPing?
    var pingNotBefore = SteadyTime.zero
    /// When anything was last heard from it.
    var heardAt = SteadyTime.zero
    /// Where in the effects the last bytes for it are, or −1.
    var lastSend = -1
    var standing = Standing.untried
    /// It refuses the cluster that is named to it, so that it is to name its own.
    var asksWhose = false

    var connection: ConnectionID? {
        switch link {
        case .greeting(let connection, _), .open(let connection): connection
        case .idle, .dialing: nil
        }
    }

    var openConnection: ConnectionID? {
        if case .open(let connection) = link { return connection }
        return nil
    }

    var isIdle: Bool {
        if case .idle = link { return true }
        return false
    }

    /// Since when a connection is being made.
    var connectingSince: SteadyTime? {
        switch link {
        case .dialing(let since), .greeting(_, let since): since
        case .idle, .open: nil
        }
    }
}
