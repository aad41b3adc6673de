public import LeaseholdBase

/// A file that the journal has open. Given by the journal; a number is not used for two files within one life.
@frozen public struct FileID: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Numbers the effects of a journal, in order, from 1.
@frozen public struct DiskNumber: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// What the driver is to do with the disk. Each effect is answered by one ``DiskCompletion`` of its number.
///
/// Effects on the same file are performed in the order of their numbers, each after the one before it has completed; those
/// on different files may overtake one another (the journal waits for a completion wherever order matters). When one
/// fails, those behind it on the same file are performed or failed, as the driver likes. Names are as for ``Disk``.
@frozen public struct DiskEffect: Hashable, Sendable {
    /// What to do.
    @frozen public enum Operation: Hashable, Sendable {
        /// Open a file that exists, for reading and writing.
        case open(FileID, name: String)
        /// Make an empty file (or empty the one there is) and open it.
        case create(FileID, name: String)
        /// Write so many zeros at an offset; at most ``JournalConfiguration/fillStepBytes``.
        case fill(FileID, offset: Int, count: Int)
        /// Write this range of ``Journal/batchBytes`` at an offset; all of it, or fail.
        case write(FileID, offset: Int, bytes: Range<Int>)
        /// Write this range of ``Journal/snapshotBytes`` at an offset; all of it, or fail.
        case writeSnapshot(FileID, offset: Int, bytes: Range<Int>)
        /// Make the file's bytes and size durable. Never repeated after a failure (trap 42).
        case sync(FileID)
        /// Give an open file another name.
        case rename(FileID, from: String, to: String)
        /// Make the names in a directory durable.
        case syncDirectory(String)
        /// Read so many bytes at an offset, or fewer: what is missing is asked for again. The bytes go to
        /// ``Journal/readCompleted(_:bytes:into:effects:)``, or for a snapshot to
        /// ``Journal/snapshotReadCompleted(_:bytes:)``.
        case read(FileID, offset: Int, count: Int)
        /// Close a file. Nothing hangs on its success.
        case close(FileID)
        /// Remove a file. Nothing hangs on its success.
        case remove(name: String)
    }
    /// What its completion is matched by.
    public var number: DiskNumber
    /// What to do.
    public var operation: Operation

    /// Joins a number and what to do.
    public init(number: DiskNumber, operation: Operation) {
        self.number = number
        self.operation = operation
    }
}

/// What became of a ``DiskEffect``.
@frozen public struct DiskCompletion: Hashable, Sendable {
    /// How it went.
    @frozen public enum Result: Hashable, Sendable {
        /// Done, all of it.
        case success
        /// Not done, or not known to be; the system's number for why.
        case failed(code: Int32)
        /// Not done because there is no room (ENOSPC, EDQUOT).
        case spaceExhausted
    }
    /// The effect's number.
    public var number: DiskNumber
    /// How it went.
    public var result: Result

    /// Joins a number and how it went.
    public init(number: DiskNumber, result: Result) {
        self.number = number
        self.result = result
    }
}
