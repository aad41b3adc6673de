import LeaseholdBase
import Raft

/// Goes through a data directory for people's eyes, and changes nothing.
///
/// ```swift
/// var inspector = try JournalInspector(on: &disk)
/// while let item = inspector.next(on: &disk) { … }
/// ```
public struct JournalInspector: Sendable {
    /// One thing met, in the order in which it stands.
    public enum Item: Sendable {
        /// A segment begins.
        case segment(name: String, SegmentHeader, size: Int)
        /// A batch of it.
        case batch(BatchHeader, offset: Int)
        /// A record of the batch. An entry's payload is given by ``JournalInspector/payload(_:)`` until the next item.
        case record(JournalRecord)
        /// The last batch of the segment ends here. Behind it are zeros, or in the last segment possibly a torn batch.
        case end(name: String, offset: Int, isClear: Bool)
        /// The first bad byte of a segment, or of the directory: recovery would refuse it with this error.
        case damage(JournalError)
    }

    /// Whose directory it is; nothing if the identity file is missing or damaged.
    public let owner: DirectoryIdentity?
    private var cursors: [SegmentCursor] = []
    private var pending: [JournalError] = []
    private var pendingBehind: JournalError?
    private var place = 0
    private var hasBegun = false
    private var recordOffset: Int?
    private var state: RecoveryState
    /// Whether damage was told: what follows is shown, and no longer checked against what is before it.
    private var isBroken = false

    /// Reads the identity and the headers of all segments.
    public init(on disk: inout some Disk) throws(JournalError) {
        do { owner = try JournalDirectory.identity(on: &disk) } catch {
            owner = nil
            pending.append(error)
        }
        for name in try disk.journalFiles().segments {
            do { cursors.append(try SegmentCursor(name, on: &disk)) } catch { pending.append(error) }
        }
        cursors.sort { ($0.header.firstBatch, $0.name) < ($1.header.firstBatch, $1.name) }
        let first = cursors.first?.header.identity
        let node = owner?.node ?? first?.node ?? NodeID(0)
        let incarnation = owner?.incarnation ?? first?.incarnation ?? .unknown
        state = RecoveryState(
            identity: JournalIdentity(
                group: owner?.group ?? first?.group ?? 0, node: node, incarnation: incarnation),
            spacing: .max)
        if let last = cursors.last {
            state.mayBeginLate = (try? SnapshotFiles.newestMark(last, on: &disk)) ?? nil != nil
        }
    }

    /// The bytes of an entry of the batch given last.
    public func payload(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bytes: cursors[place].payload.extracting(range))
        return bytes
    }

    /// The next thing, or nothing at the end.
    public mutating func next(on disk: inout some Disk) -> Item? {
        if !pending.isEmpty {
            isBroken = true
            return .damage(pending.removeFirst())
        }
        guard place < cursors.count else { return nil }
        if !hasBegun {
            hasBegun = true
            if !isBroken {
                do throws(JournalError) { try state.begin(cursors[place]) } catch { pending.append(error) }
            }
            return .segment(name: cursors[place].name, cursors[place].header, size: cursors[place].size)
        }
        if let record = nextRecord() { return .record(record) }
        if let error = pendingBehind {
            pendingBehind = nil
            isBroken = true
            return .damage(error)
        }
        do throws(JournalError) {
            switch try cursors[place].next(on: &disk) {
            case .batch(let batch, let offset):
                recordOffset = 0
                check(batch, offset)
                return .batch(batch, offset: offset)
            case .end(let isClear):
                let cursor = cursors[place]
                let next = place + 1 < cursors.count ? cursors[place + 1].header.firstBatch : nil
                if !isBroken, let gap = cursor.gap(before: next) { pending.append(gap) }
                leave()
                return .end(name: cursor.name, offset: cursor.offset, isClear: isClear)
            }
        } catch {
            leave()
            isBroken = true
            return .damage(error)
        }
    }

    /// Checks a batch as recovery does; what is wrong is told behind its records.
    private mutating func check(_ batch: BatchHeader, _ offset: Int) {
        guard !isBroken else { return }
        let cursor = cursors[place]
        var nobody = Nobody()
        do throws(JournalError) {
            try state.take(batch, cursor.payload, offset: offset, segment: place, in: cursor.name, &nobody)
        } catch { pendingBehind = error }
    }

    private mutating func leave() {
        cursors[place].release()
        place += 1
        hasBegun = false
        recordOffset = nil
    }

    private mutating func nextRecord() -> JournalRecord? {
        guard let start = recordOffset else { return nil }
        let payload = cursors[place].payload
        var reader = ByteReader(payload)
        guard (try? reader.slice(start)) != nil, let record = try? RecordCodec.next(&reader) else {
            recordOffset = nil
            return nil
        }
        recordOffset = reader.offset
        return record
    }
}

/// A visitor that lets everything pass.
private struct Nobody: JournalVisitor {
    mutating func recovered(term: Term, votedFor: NodeID?) {}
    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool { true }
    mutating func recovered(truncationAfter index: LogIndex) {}
    mutating func recovered(commit index: LogIndex) {}
}
