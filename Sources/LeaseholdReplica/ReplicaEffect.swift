public import LeaseholdBase
public import LeaseholdJournal

/// What a node asks of its driver. Effects are carried out in their order.
public enum ReplicaEffect: Sendable {
    /// Queue these bytes of ``Replica/outgoing`` on a connection. One that ended meanwhile ignores them.
    case send(ConnectionID, Range<Int>)
    /// Send what is queued, then close.
    case close(ConnectionID)
    /// Connect to a node, and say how it went by `dialed` or `dialFailed`.
    case dial(NodeID, address: String)
    /// Read or write the journal's files. Whatever is queued on peer connections is sent before a sync that blocks.
    case disk(DiskEffect)
    /// Tell the operator.
    case log(LogLine)
    /// End the process with this reason, once all effects before it are carried out.
    case stop(StopReason)
}

/// How loud a line for the operator is.
public enum LogLevel: String, Sendable {
    /// Something that happened and is in order.
    case info
    /// Something to look at.
    case warning
    /// Something that ends the node or refuses its start.
    case error
}

/// A line for the operator: an event's stable name and what belongs to it.
public struct LogLine: Sendable {
    /// How loud it is.
    public var level: LogLevel
    /// The event's stable name, in snake case.
    public var event: String
    /// What belongs to it, for people.
    public var message: String

    /// Joins the fields.
    public init(_ level: LogLevel, _ event: String, _ message: String) {
        self.level = level
        self.event = event
        self.message = message
    }
}

/// Why a node ends by itself.
public enum StopReason: Error, Hashable, Sendable {
    /// It was asked to, and has handed over what it led.
    case asked
    /// The data directory belongs to another node, cluster or incarnation than the cluster knows.
    case wrongIdentity(String)
    /// A write or a sync failed: nothing more can be promised from this directory without a restart (trap 42).
    case diskFailed(String)
    /// The log, a snapshot or another node tells of commands that a later version of the program understands, and this one
    /// does not.
    case tooOld(String)
    /// The journal does not read as it was written.
    case journalCorrupt(String)
}
