import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator

/// Snapshots of a rig's log. What is in the one of an index is a function of the index.
extension Rig {
    static let cluster = ClusterID(high: 1, low: 2)

    /// A rig whose cluster is born.
    static func born(segmentBytes: Int = 4096, tail: Int = 0) throws -> Rig {
        var rig = try Rig(segmentBytes: segmentBytes, tail: tail)
        rig.journal.learn(cluster: cluster)
        return rig
    }

    static func content(_ index: LogIndex, count: Int? = nil) -> [UInt8] {
        var random = RandomSource(seed: index.rawValue)
        return (0..<(count ?? 300 + Int(index.rawValue * 37 % 900))).map { _ in
            UInt8(truncatingIfNeeded: random.next())
        }
    }

    static func header(_ index: LogIndex, _ term: Term) -> SnapshotHeader {
        SnapshotHeader(
            cluster: cluster, lastIndex: index, lastTerm: term, logTime: LogTime(index.rawValue * 10),
            wallTime: WallTime(7), membershipIndex: LogIndex(1), membership: [1, 2, 3, UInt8(index.rawValue & 7)])
    }

    /// The whole file of a snapshot, and its name.
    static func file(_ index: LogIndex, _ term: Term, count: Int? = nil) -> (bytes: [UInt8], id: SnapshotID) {
        var writer = SnapshotFileWriter(header(index, term))
        writer.append(content(index, count: count).span.bytes)
        let id = writer.finish()
        return (writer.output, id)
    }

    func term(at index: LogIndex) -> Term {
        last.entries.first { $0.header.index == index }?.header.term ?? last.base?.id.lastTerm ?? .zero
    }

    /// Begins a snapshot of what is durable, and hands in all of it.
    @discardableResult mutating func take(at index: LogIndex? = nil, count: Int? = nil) -> Bool {
        let index = index ?? journal.lastIndex
        guard journal.beginSnapshot(Self.header(index, term(at: index)), into: &effects) else { return false }
        journal.appendSnapshot(Self.content(index, count: count).span.bytes, now: now, into: &effects)
        journal.finishSnapshot(now: now, into: &effects)
        return true
    }

    /// Takes a snapshot of the last entry, and writes one more, with which its mark becomes durable.
    mutating func takeAndMark(count: Int? = nil) {
        take(count: count)
        settle()
        append(1)
        flush()
    }

    /// Offers pieces of a snapshot until all of it is there.
    @discardableResult mutating func receive(
        _ index: LogIndex, _ term: Term, count: Int? = nil, piece: Int = 200
    ) -> SnapshotReceipt {
        let (bytes, id) = Self.file(index, term, count: count)
        var offset = 0
        for _ in 0..<100_000 {
            let end = min(bytes.count, offset + piece)
            let receipt = journal.receiveSnapshot(
                id, from: offset, bytes: bytes.span.bytes.extracting(offset..<end), now: now, into: &effects)
            switch receipt {
            case .next(let next): offset = next
            case .busy: break
            case .complete, .notNeeded, .refused: return receipt
            }
            _ = performOne()
        }
        return .busy
    }

    /// Installs the received snapshot, as a request of its own.
    mutating func install(_ index: LogIndex, _ term: Term, restartsLog: Bool, entries: [Recovered.Item] = []) {
        journal.append(
            number: journal.accepted.next, issuedIn: term, hardState: nil, truncateAfter: nil, commit: .zero)
        journal.appendInstall(restartsLog: restartsLog)
        for item in entries { journal.appendEntry(item.header, payload: item.payload.span.bytes) }
        var state = last
        if restartsLog {
            state.entries = []
            state.base = InstalledSnapshot(header: Self.header(index, term), id: Self.file(index, term).id)
            state.content = Self.content(index)
        }
        state.entries += entries
        states.append(state)
    }

    var snapshotFiles: [String] { disk.fileNames.filter { $0.hasSuffix(".snap") } }
}

extension Recovered {
    /// Whether this is what a start makes of a log like that: the same, but that what a snapshot stands for may be in it.
    func isState(of log: Recovered) -> Bool {
        let first = base?.id.lastIndex ?? .zero
        guard isWhole, first >= log.base?.id.lastIndex ?? .zero, term == log.term, votedFor == log.votedFor,
            entries == log.entries.filter({ $0.header.index > first })
        else { return false }
        guard let base else { return content.isEmpty }
        return content == Rig.content(first) && base.header.membership == [1, 2, 3, UInt8(first.rawValue & 7)]
            && lastIndex >= first && log.lastIndex >= first
    }
}
