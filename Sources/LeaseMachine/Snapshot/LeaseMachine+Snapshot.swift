public import LeaseholdBase

/// Taking a snapshot while the machine goes on.
///
///     machine.beginSnapshot()
///     // each turn, while entries go on being applied:
///     if machine.writeSnapshot(atMost: 256 << 10, into: &bytes) { … }   // all of it has been written
///
/// The bytes are those of the state at ``beginSnapshot()``, whatever is applied meanwhile (see ``SnapshotFormat``).
extension LeaseMachine {
    /// Begins a snapshot of the state as of the last applied entry. One that is under way is abandoned.
    /// - Complexity: O(1). While it is under way, the first change of a claim costs a few nanoseconds for a renewal, about
    ///   a microsecond for an end.
    public mutating func beginSnapshot() { beginSnapshot(chunkBytes: SnapshotFormat.chunkBytes) }

    /// With smaller chunks, for tests.
    package mutating func beginSnapshot(chunkBytes: Int) {
        claims.beginCapture(at: appliedIndex)
        requests.beginCapture()
        endings.beginCapture()
        var chunks = SnapshotChunks(chunkBytes: min(chunkBytes, SnapshotFormat.chunkBytes))
        writePosition(into: &chunks)
        snapshot = SnapshotUnderWay(index: appliedIndex, logTime: logTime, wallTime: wallTime, chunks: chunks)
        marks.hit(.snapshotBegun)
    }

    /// The snapshot that is under way.
    public var snapshotUnderWay: SnapshotPosition? {
        snapshot.map { SnapshotPosition(index: $0.index, logTime: $0.logTime, wallTime: $0.wallTime) }
    }

    /// How many bytes are kept because of the snapshot under way, beside the state itself.
    public var snapshotOverheadBytes: Int {
        claims.capture.reservedBytes + requests.capture.reservedBytes + endings.capture.reservedBytes
    }

    /// Goes on with the snapshot under way, and appends what chunks are complete.
    ///
    /// - Parameter count: How many bytes of records to gather before returning: about so many, and at least one lease,
    ///   or one client instance with its requests.
    /// - Returns: True when the snapshot is complete; then none is under way any more. True, with no bytes, when none is.
    /// - Complexity: O(count); about half a microsecond a claim.
    public mutating func writeSnapshot(atMost count: Int, into bytes: inout [UInt8]) -> Bool {
        guard var work = snapshot.take() else { return true }
        work.chunks.beginTurn(atMost: max(1, count))
        var isDone = false
        while !isDone, !work.chunks.isFull {
            switch work.part {
            case .leases: if claims.writeLeases(into: &work.chunks) { work.part = .instances }
            case .instances: if requests.writeInstances(into: &work.chunks) { work.part = .endings }
            case .endings:
                isDone = endings.writeEndings(into: &work.chunks)
                if isDone { work.chunks.finish() }
            }
        }
        work.chunks.take(into: &bytes)
        if isDone {
            endCaptures()
        } else {
            snapshot = work
        }
        return isDone
    }

    /// Gives up the snapshot that is under way, if there is one.
    public mutating func abandonSnapshot() {
        guard snapshot != nil else { return }
        marks.hit(.snapshotAbandoned)
        snapshot = nil
        endCaptures()
    }

    private mutating func endCaptures() {
        if claims.capture.keptCounts.deadlines > 0 { marks.hit(.deadlineKept) }
        if claims.capture.keptCounts.leases > 0 { marks.hit(.leaseKept) }
        claims.endCapture()
        requests.endCapture()
        endings.endCapture()
    }

    private func writePosition(into chunks: inout SnapshotChunks) {
        var bytes: [UInt8] = []
        chunks.beginTurn(atMost: .max)
        let start = SnapshotFormat.begin(.position, in: &bytes)
        for field in [appliedIndex.rawValue, logTime.rawValue, floor.rawValue, wallTime.rawValue] {
            bytes.append(uint64: field)
        }
        bytes.append(uint64: UInt64(truncatingIfNeeded: digest.rawValue))
        bytes.append(uint64: UInt64(truncatingIfNeeded: digest.rawValue >> 64))
        bytes.append(uint64: restoredThrough.rawValue)
        bytes.append(uint64: quarantineUntil.rawValue)
        for count in [leaseCount, claimCount, instanceCount, requestCount, endingCount] {
            bytes.append(uint64: UInt64(count))
        }
        SnapshotFormat.end(start, in: &bytes)
        unsafe chunks.add(bytes.span.bytes, to: .position)
        bytes.removeAll(keepingCapacity: true)
        for key in SettingKey.allCases {
            let start = SnapshotFormat.begin(.setting, in: &bytes)
            bytes.append(uint16: key.rawValue)
            bytes.append(uint64: settings[key])
            SnapshotFormat.end(start, in: &bytes)
        }
        unsafe chunks.add(bytes.span.bytes, to: .settings)
    }
}

/// What a snapshot is of.
public struct SnapshotPosition: Hashable, Sendable {
    /// The last entry whose effect is in it.
    public var index: LogIndex
    /// That entry's log time.
    public var logTime: LogTime
    /// That entry's wall time: for people, and to refuse a restore on a clock that is behind it.
    public var wallTime: WallTime

    /// Joins the fields.
    public init(index: LogIndex, logTime: LogTime, wallTime: WallTime) {
        self.index = index
        self.logTime = logTime
        self.wallTime = wallTime
    }
}

/// How far a snapshot has come.
struct SnapshotUnderWay: Sendable {
    enum Part: Sendable { case leases, instances, endings }

    let index: LogIndex
    let logTime: LogTime
    let wallTime: WallTime
    var chunks: SnapshotChunks
    var part = Part.leases
}
