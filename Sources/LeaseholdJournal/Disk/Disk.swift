/// Why a call of a ``Disk`` failed.
public struct DiskError: Error, Hashable, Sendable {
    /// What the journal must tell apart.
    public enum Reason: Hashable, Sendable {
        /// There is no such file or directory.
        case notFound
        /// There is no room.
        case spaceExhausted
        /// Anything else, by the system's number.
        case failed(code: Int32)
    }
    /// What went wrong.
    public var reason: Reason
    /// Wraps a reason.
    public init(_ reason: Reason) { self.reason = reason }
}

/// The blocking calls that recovery and the making of a directory need; in operation the journal emits effects instead.
///
/// Names are paths relative to the data directory, with `/` between their parts; the directory itself is the empty name.
/// Nothing is durable before its ``sync(_:)``, and no name before the ``syncDirectory(_:)`` of the directory it stands in.
/// An implementation keeps a file open from its creation to its sync, so that no error of a write in between is missed.
public protocol Disk {
    /// The names (without the directory) of what is in a directory, in any order.
    mutating func list(_ directory: String) throws(DiskError) -> [String]
    /// A file's physical size in bytes.
    mutating func size(_ file: String) throws(DiskError) -> Int
    /// Appends the file's bytes from an offset to the buffer: so many, or those up to the end of the file if that is less.
    mutating func read(_ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]) throws(DiskError)
    /// Makes an empty file, or empties the one there is.
    mutating func create(_ file: String) throws(DiskError)
    /// Writes all of the bytes at an offset.
    mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError)
    /// Makes the file's bytes and size durable. Never called again for a file after it failed (trap 42).
    mutating func sync(_ file: String) throws(DiskError)
    /// Gives a file another name, replacing what had it.
    mutating func rename(_ file: String, to name: String) throws(DiskError)
    /// Removes a file.
    mutating func remove(_ file: String) throws(DiskError)
    /// Makes a directory; it is no error when it is there.
    mutating func makeDirectory(_ directory: String) throws(DiskError)
    /// Makes the names in a directory durable.
    mutating func syncDirectory(_ directory: String) throws(DiskError)
}
