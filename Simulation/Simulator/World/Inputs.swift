import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica

/// What reaches a process, to be handed in at its next turn.
enum Input {
    /// A connection to one of its listeners.
    case accepted(ConnectionID, ListenerKind)
    /// A connection that it asked for; the tag is its own.
    case dialed(tag: UInt64, ConnectionID)
    /// A connection that it asked for and did not get.
    case dialFailed(tag: UInt64)
    /// Bytes.
    case received(ConnectionID, [UInt8])
    /// The end of a connection.
    case closed(ConnectionID)
    /// The operator asks the process to end.
    case stopAsked
    /// What became of an effect on its disk.
    case disk(DiskCompletion, isRead: Bool, [UInt8])
}

/// What happens in the world.
enum Happening {
    /// A process takes a turn.
    case turn(Int, life: Int)
    /// A process's deadline comes.
    case wake(Int, life: Int)
    /// A packet arrives.
    case arrival(link: Int, toward: Int, [UInt8])
    /// A dial arrives at the other end.
    case dial(from: Int, life: Int, tag: UInt64, address: String)
    /// The answer to a dial arrives.
    case dialAnswer(link: Int, tag: UInt64)
    /// A dial has come to nothing.
    case dialFailure(Int, life: Int, tag: UInt64)
    /// A side learns that its connection has ended.
    case ended(link: Int, toward: Int)
    /// A disk has done an effect.
    case disk(Int, life: Int, DiskEffect, [UInt8])
    /// Something that a scenario wants done.
    case action(() -> Void)
}
