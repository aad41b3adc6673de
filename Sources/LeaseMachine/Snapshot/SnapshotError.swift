/// Why a snapshot of a machine cannot be loaded. The offset counts from the snapshot's first byte.
public enum SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are damaged, incomplete, or say what no machine can be.
    case corrupt(section: String, offset: Int, reason: String)
    /// Written by a build that is newer than this one.
    case unsupported(section: String, offset: Int, reason: String)

    /// The stable code for scripts: `snapshot_corrupt` or `not_supported`.
    public var code: String {
        switch self {
        case .corrupt: "snapshot_corrupt"
        case .unsupported: "not_supported"
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .corrupt(let section, let offset, let reason):
            "the snapshot is corrupt at offset \(offset), in its \(section): \(reason)"
        case .unsupported(let section, let offset, let reason):
            "the snapshot was written by a newer version, at offset \(offset), in its \(section): \(reason)"
        }
    }
}
