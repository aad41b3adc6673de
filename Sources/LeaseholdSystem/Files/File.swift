internal import CLeaseholdSystem

/// An open file. Reads and writes name their place; nothing is buffered here.
public struct File: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// How a file is opened.
    public enum Mode: Hashable, Sendable {
        /// An existing file, to be read.
        case read
        /// An existing file, to be read and written.
        case write
        /// A file that must not exist yet, not even as a symbolic link.
        case create
        /// A new file in the place of whatever was there.
        case replace
        /// A file that may exist already, to be read and written.
        case openOrCreate
        /// A file that may exist already; what is written goes behind what is there, wherever it is said to go.
        case append

        var flags: Int {
            switch self {
            case .read: Int(leasehold_open_read)
            case .write: Int(leasehold_open_write)
            case .create: Int(leasehold_open_write | leasehold_open_create | leasehold_open_exclusive)
            case .replace: Int(leasehold_open_write | leasehold_open_create | leasehold_open_truncate)
            case .openOrCreate: Int(leasehold_open_write | leasehold_open_create)
            case .append: Int(leasehold_open_write | leasehold_open_create | leasehold_open_append)
            }
        }
    }

    /// Opens a file. A new one can be read and written by its owner only.
    public init(_ path: String, _ mode: Mode) throws(SystemError) {
        let flags = Int32(mode.flags)
        descriptor = FileDescriptor(owning: try perform(.open) { unsafe leasehold_open(path, flags, 0o600) })
    }

    /// The kernel's number, for jobs that another thread does while this file stays open.
    public var number: Int32 { descriptor.number }

    /// Its length in bytes.
    public func size() throws(SystemError) -> Int { Int(try perform(.stat) { leasehold_size(number) }) }

    /// Appends to the buffer what stands at the offset: so many bytes, or fewer at the end of the file.
    ///
    /// - Returns: how many bytes there were.
    @discardableResult
    public func read(
        at offset: Int, count: Int, appendingTo buffer: inout [UInt8]
    ) throws(SystemError) -> Int {
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: count))
        var done = 0
        defer { buffer.removeLast(count - done) }
        while done < count {
            let moved = try perform(.read) {
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe leasehold_read_at(
                        number, bytes.baseAddress?.advanced(by: start + done), count - done, Int64(offset + done))
                }
            }
            if moved == 0 { break }
            done += moved
        }
        return done
    }

    /// Writes all of the bytes at the offset, to the system's cache.
    public func write(_ bytes: RawSpan, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.byteCount {
            let moved = try perform(.write) {
                unsafe bytes.withUnsafeBytes { source in
                    unsafe leasehold_write_at(
                        number, source.baseAddress?.advanced(by: done), source.count - done, Int64(offset + done))
                }
            }
            if moved == 0 { throw SystemError(call: .write, code: .inputOutput) }
            done += moved
        }
    }

    /// Waits until what was written is on the device, with the length needed to read it back.
    ///
    /// After an error nothing is known about any byte written since the last success, and asking again does not help:
    /// the system may have marked the pages clean (trap 42).
    public func synchronizeData() throws(SystemError) { try DiskJob.synchronizeData(number) }

    /// As ``synchronizeData()``, with all that the system knows about the file.
    public func synchronize() throws(SystemError) { _ = try perform(.fsync) { leasehold_sync(number) } }

    /// Makes the file so long, cutting or lengthening it.
    public func truncate(to size: Int) throws(SystemError) {
        _ = try perform(.truncate) { leasehold_truncate(number, Int64(size)) }
    }

    /// Reserves space without writing to it.
    public func allocate(_ size: Int) throws(SystemError) {
        _ = try perform(.allocate) { leasehold_allocate(number, Int64(size)) }
    }

    /// Writes zeros over a range: space that was written once is not allocated again by a later write, and a sync of
    /// such a write takes half the time.
    public func fillWithZeros(_ range: Range<Int>) throws(SystemError) {
        let zeros = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let length = min(zeros.count, range.upperBound - offset)
            try write(unsafe zeros.span.bytes.extracting(first: length), at: offset)
            offset += length
        }
    }
}
