internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// A snapshot on its way to one peer, piece by piece: the next is read when the one before was answered, and no sooner
/// than the throttle allows.
struct OutgoingSnapshot: Sendable {
    enum Stage: Hashable, Sendable {
        /// The next piece is due at ``OutgoingSnapshot/nextAt``.
        case resting
        /// It is being read.
        case reading
    }

    let node: NodeID
    private(set) var id: SnapshotID
    /// How many bytes the peer has, as far as it has said.
    private(set) var offset = 0
    private(set) var stage = Stage.resting
    /// When the next piece is due, or the last one is sent again because nobody answered.
    private(set) var nextAt: SteadyTime
    private var sentAt = SteadyTime.zero
    private var sentBytes = 0
    /// When the peer last had more of it than before, or it was begun.
    private var progressedAt: SteadyTime

    /// How long the peer may have no more of it than before until it is given up. While it is under way, only the most needful
    /// of other snapshots are taken, and the peer may be gone, or its disk hang.
    static let patience: Nanoseconds = .seconds(30)

    init(to node: NodeID, _ id: SnapshotID, now: SteadyTime) {
        self.node = node
        self.id = id
        (nextAt, progressedAt) = (now, now)
    }

    /// Whether it has not gone on for too long. Consensus asks again when the peer is there.
    func isForsaken(now: SteadyTime) -> Bool { stage != .reading && now >= progressedAt + Self.patience }

    /// Another snapshot counts by now: that is sent, from its beginning.
    mutating func replace(by id: SnapshotID, now: SteadyTime) {
        guard id != self.id else { return }
        let progressedAt = progressedAt
        self = OutgoingSnapshot(to: node, id, now: now)
        self.progressedAt = progressedAt
    }

    /// Consensus asks again: what waits is tried at once.
    mutating func hurry(now: SteadyTime) { nextAt = min(nextAt, now) }

    /// Nothing can be sent now.
    mutating func wait(until time: SteadyTime) {
        stage = .resting
        nextAt = time
    }

    /// The piece at the offset is being read.
    mutating func beginReading() {
        stage = .reading
        nextAt = .never
    }

    /// A piece has gone out. It is sent again if nobody answers.
    mutating func sent(_ count: Int, now: SteadyTime, patience: Nanoseconds) {
        stage = .resting
        (sentAt, sentBytes) = (now, count)
        nextAt = now + patience
    }

    /// The peer has so many bytes. Answers whether that is more than before.
    mutating func answered(
        _ next: Int, now: SteadyTime, bytesPerSecond: Int, pause: Nanoseconds
    ) -> Bool {
        guard next <= id.byteCount, stage != .reading else { return false }
        let isMore = next > offset
        if isMore { progressedAt = now }
        if next == offset, sentBytes > 0 {
            // No room there yet.
            nextAt = now + pause
        } else {
            let spacing = Int64(sentBytes) * 1_000_000_000 / Int64(max(1, bytesPerSecond))
            nextAt = max(now, sentAt + Nanoseconds(spacing))
        }
        offset = next
        return isMore
    }

    /// How the file is named between nodes.
    var reference: SnapshotReference { SnapshotReference(id) }
}

extension SnapshotReference {
    init(_ id: SnapshotID) {
        self.init(
            position: LogPosition(index: id.lastIndex, term: id.lastTerm), byteCount: id.byteCount,
            checksum: id.checksum)
    }

    /// As the journal names it.
    var id: SnapshotID {
        SnapshotID(lastIndex: position.index, lastTerm: position.term, byteCount: byteCount, checksum: checksum)
    }
}
