/// A Raft term (thesis §3.3). Zero is before any election.
@frozen public struct Term: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Before any election.
    @inlinable public static var zero: Term { Term(0) }
}

/// The place of an entry in the replicated log. The first entry has index 1; zero is before the log.
@frozen public struct LogIndex: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Before the first entry.
    @inlinable public static var zero: LogIndex { LogIndex(0) }
}

/// Names a claim: the index of the entry that created it.
@frozen public struct ClaimID: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Orders tenures of one name: the index of the committed entry that made the claim a holder.
///
/// A resource that keeps the highest token it has seen and refuses lower ones is safe under any clock.
@frozen public struct FencingToken: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// A node of the cluster. Given by the operator, at least 1.
@frozen public struct NodeID: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// One life of a data directory: drawn at random when the directory is made (trap 36).
///
/// A node id with another incarnation is another disk, which remembers none of the votes and entries of the first.
@frozen public struct Incarnation: Counter {
    /// The number; zero is unknown.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Not known, or not yet drawn.
    @inlinable public static var unknown: Incarnation { Incarnation(0) }
}

/// One run of a client, drawn at random at its start.
@frozen public struct ClientInstance: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// The number of a request within its client instance, rising from 1.
@frozen public struct RequestSequence: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Names a request once and for all: the same over all its retries (trap 24).
@frozen public struct RequestID: Hashable, Sendable, CustomStringConvertible {
    /// The client's run.
    public let instance: ClientInstance
    /// The request within the run.
    public let sequence: RequestSequence

    /// Pairs an instance and a sequence.
    @inlinable public init(instance: ClientInstance, sequence: RequestSequence) {
        self.instance = instance
        self.sequence = sequence
    }

    /// `instance-sequence`, the instance in 16 hexadecimal digits.
    public var description: String { "\(hexadecimal(instance.rawValue))-\(sequence)" }
}

/// Pairs an answer with one attempt of a request. Never used twice by a connection's client.
@frozen public struct CorrelationID: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Numbers what consensus asks the journal to make durable, in order, within one life of a process.
@frozen public struct PersistNumber: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Before anything was asked.
    @inlinable public static var zero: PersistNumber { PersistNumber(0) }
}

/// A cluster: 128 random bits drawn at its birth.
@frozen public struct ClusterID: Hashable, Sendable, CustomStringConvertible {
    /// The upper half.
    public let high: UInt64
    /// The lower half.
    public let low: UInt64

    /// Joins two halves.
    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Not born yet.
    @inlinable public static var unborn: ClusterID { ClusterID(high: 0, low: 0) }

    /// 32 hexadecimal digits.
    public var description: String { hexadecimal(high) + hexadecimal(low) }
}

/// The number in 16 hexadecimal digits.
public func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
