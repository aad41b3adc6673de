public import LeaseholdBase

/// What a snapshot is of.
public struct SnapshotHeader: Hashable, Sendable {
    /// The consensus group. There is one so far: 0.
    public var group: UInt32
    /// The cluster.
    public var cluster: ClusterID
    /// The last entry whose effect is in it.
    public var lastIndex: LogIndex
    /// That entry's term.
    public var lastTerm: Term
    /// That entry's log time.
    public var logTime: LogTime
    /// That entry's wall time, for people.
    public var wallTime: WallTime
    /// The entry, not behind the last one, that made the membership.
    public var membershipIndex: LogIndex
    /// The membership in effect at the last index, as the payload of its entry: never one that is not committed (trap 29).
    public var membership: [UInt8]
    /// The payload of the cluster's first entry, for a listed node that missed the birth; none for a restored cluster.
    public var birth: [UInt8]

    /// Joins the fields.
    public init(
        group: UInt32 = 0, cluster: ClusterID, lastIndex: LogIndex, lastTerm: Term, logTime: LogTime,
        wallTime: WallTime, membershipIndex: LogIndex, membership: [UInt8], birth: [UInt8] = []
    ) {
        self.group = group
        self.cluster = cluster
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
        self.logTime = logTime
        self.wallTime = wallTime
        self.membershipIndex = membershipIndex
        self.membership = membership
        self.birth = birth
    }

    /// Appends the head, the membership and the birth.
    func encode(into bytes: inout [UInt8]) {
        let most = SnapshotFileFormat.membershipBytesMax
        precondition(membership.count <= most && birth.count <= most, "a membership has few members")
        let start = SnapshotFileFormat.begin(
            SnapshotFileFormat.headMagic, count: SnapshotFileFormat.headBytes, in: &bytes)
        bytes.append(uint32: group)
        bytes.append(uint64: cluster.high)
        bytes.append(uint64: cluster.low)
        bytes.append(uint64: lastIndex.rawValue)
        bytes.append(uint64: lastTerm.rawValue)
        bytes.append(uint64: logTime.rawValue)
        bytes.append(uint64: wallTime.rawValue)
        bytes.append(uint64: membershipIndex.rawValue)
        bytes.append(uint32: UInt32(membership.count))
        bytes.append(uint32: UInt32(birth.count))
        let checksum = unsafe CRC32C.checksum(birth.span.bytes, from: CRC32C.checksum(membership))
        bytes.append(uint32: checksum)
        SnapshotFileFormat.end(start, count: SnapshotFileFormat.headBytes, in: &bytes)
        bytes.append(contentsOf: membership)
        bytes.append(contentsOf: birth)
    }
}

/// Names a snapshot's file: two with the same name have the same bytes.
@frozen public struct SnapshotID: Hashable, Sendable, CustomStringConvertible {
    /// The last entry whose effect is in it.
    public var lastIndex: LogIndex
    /// That entry's term.
    public var lastTerm: Term
    /// How many bytes the file has up to the end of its end.
    public var byteCount: Int
    /// The checksum of all bytes before the end.
    public var checksum: UInt32

    /// Joins the fields.
    public init(lastIndex: LogIndex, lastTerm: Term, byteCount: Int, checksum: UInt32) {
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
        self.byteCount = byteCount
        self.checksum = checksum
    }

    /// `index of term, so many bytes, checksum …`.
    public var description: String {
        "\(lastIndex) of term \(lastTerm), \(byteCount) bytes, checksum \(hexadecimal(UInt64(checksum)).suffix(8))"
    }
}

/// A snapshot that is on the disk under its name.
public struct InstalledSnapshot: Hashable, Sendable {
    /// What it is of.
    public var header: SnapshotHeader
    /// Its name among nodes.
    public var id: SnapshotID

    /// Joins the fields.
    public init(header: SnapshotHeader, id: SnapshotID) {
        self.header = header
        self.id = id
    }

    /// Its file, relative to the data directory.
    var name: String { SnapshotName.installed(id.lastIndex) }
}
