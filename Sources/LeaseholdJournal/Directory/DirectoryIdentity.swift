public import LeaseholdBase

/// The identity file: written once, atomically, as the last thing when a data directory is made.
///
///      0        4          8        9            10     12
///      | magic  | checksum | format | length / 8 | zero | group |
///     16                  24              32
///      | node              | incarnation   |
///
/// The checksum covers bytes 8 to 32. The cluster's id is not in it: it is learned later, and stands in the batches.
public struct DirectoryIdentity: Hashable, Sendable {
    /// The consensus group. There is one so far: 0.
    public var group: UInt32
    /// The node.
    public var node: NodeID
    /// The directory's life, drawn at random when it was made (trap 36).
    public var incarnation: Incarnation

    /// Joins the fields.
    public init(group: UInt32 = 0, node: NodeID, incarnation: Incarnation) {
        self.group = group
        self.node = node
        self.incarnation = incarnation
    }

    /// Its name, relative to the data directory.
    static let file = "identity"
    static let temporaryFile = "identity.tmp"
    static let byteCount = 32

    /// The file's bytes.
    package func encode() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes.overwrite(uint32: JournalFormat.identityMagic, at: 0)
        bytes.overwrite(uint32: UInt32(JournalFormat.format) | UInt32(Self.byteCount / 8) << 8, at: 8)
        bytes.overwrite(uint32: group, at: 12)
        bytes.overwrite(uint64: node.rawValue, at: 16)
        bytes.overwrite(uint64: incarnation.rawValue, at: 24)
        let checksum = unsafe CRC32C.checksum(bytes.span.bytes.extracting(8..<Self.byteCount))
        bytes.overwrite(uint32: checksum, at: 4)
        return bytes
    }

    /// Reads the file's bytes. Never traps, whatever they are.
    package static func decode(_ bytes: RawSpan) throws(JournalError) -> DirectoryIdentity {
        guard JournalFormat.isHeader(bytes, magic: JournalFormat.identityMagic) else {
            throw .corrupt(file: file, offset: 0, reason: "it is damaged")
        }
        do {
            var reader = ByteReader(bytes)
            _ = try reader.uint64()
            let format = try reader.byte()
            let length = Int(try reader.byte()) * 8
            let zero = try reader.uint16()
            guard format == JournalFormat.format, length == byteCount, zero == 0 else {
                let version = FormatVersion(found: format, newest: JournalFormat.format)
                throw JournalError.unsupported(file: file, offset: 0, reason: "identity " + version.refusal)
            }
            return DirectoryIdentity(
                group: try reader.uint32(), node: NodeID(try reader.uint64()),
                incarnation: Incarnation(try reader.uint64()))
        } catch let error as JournalError {
            throw error
        } catch {
            throw .corrupt(file: file, offset: 0, reason: "it is damaged")
        }
    }
}
