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
    /// Its system takes bytes on a connection again.
    case writable(ConnectionID)
    /// The end of a connection.
    case closed(ConnectionID)
    /// The operator asks the process to end.
    case stopAsked
    /// A thread of its disk has done something.
    case disk(DiskCompletion)
}

/// What happens in the world.
enum Happening {
    /// A process begins a turn, or goes on with the one it is in.
    case turn(Int, life: Int, number: UInt64)
    /// A process's deadline comes.
    case wake(Int, life: Int)
    /// A packet arrives.
    case arrival(link: Int, toward: Int, [UInt8])
    /// A dial arrives at the other end.
    case dial(Int, attempt: Int)
    /// The answer to a dial arrives.
    case dialAnswer(link: Int, dial: Int)
    /// A dial is refused, or was not answered in time.
    case dialTimeout(Int)
    /// A side learns that it can write again.
    case writable(link: Int, side: Int)
    /// A side learns that its connection has ended.
    case ended(link: Int, toward: Int)
    /// A thread of a node's disk has done an effect.
    case disk(Int, life: Int, DiskEffect)
    /// A fault of the plan begins.
    case faultBegins(Int)
    /// A fault of the plan ends.
    case faultEnds(Int)
    /// A fault that comes and goes turns round.
    case faultTurns(Int)
    /// Something that a scenario wants done.
    case action(() -> Void)

    /// What goes into the running hash: what it is and whom it is about.
    var word: UInt64 {
        switch self {
        case .turn(let place, let life, _): 1 | UInt64(place) << 8 | UInt64(life) << 32
        case .wake(let place, let life): 2 | UInt64(place) << 8 | UInt64(life) << 32
        case .arrival(let link, let toward, let bytes):
            3 | UInt64(toward) << 8 | (UInt64(link) << 16 ^ Self.checksum(bytes) << 32)
        case .dial(let number, let attempt): 4 | UInt64(attempt) << 8 | UInt64(number) << 32
        case .dialAnswer(let link, let number): 5 | UInt64(link) << 8 | UInt64(number) << 32
        case .dialTimeout(let number): 6 | UInt64(number) << 8
        case .ended(let link, let toward): 7 | UInt64(toward) << 8 | UInt64(link) << 32
        case .disk(let place, _, let effect): 8 | UInt64(place) << 8 | effect.number.rawValue << 32
        case .faultBegins(let number): 9 | UInt64(number) << 8
        case .faultEnds(let number): 10 | UInt64(number) << 8
        case .faultTurns(let number): 11 | UInt64(number) << 8
        case .action: 12
        case .writable(let link, let side): 13 | UInt64(side) << 8 | UInt64(link) << 32
        }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        unsafe UInt64(CRC32C.checksum(bytes.span.bytes))
    }
}
