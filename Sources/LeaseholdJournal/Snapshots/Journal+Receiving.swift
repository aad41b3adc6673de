public import LeaseholdBase

/// What became of a piece of a snapshot.
public enum SnapshotReceipt: Hashable, Sendable {
    /// So many bytes are there, and the next piece is to begin there. When the piece offered began there too, there is no
    /// room for it yet: it is to be offered again in a while.
    case next(offset: Int)
    /// All bytes are there. ``JournalProgress/snapshotReceived(_:)`` tells when they are durable.
    case complete
    /// The log, or a snapshot that is there, reaches as far already.
    case notNeeded
    /// Something else is to end first; it is to be offered again in a while.
    case busy
    /// The bytes are not those of such a snapshot. What was received is thrown away.
    case refused(JournalError)
}

/// Receiving a snapshot from a leader in pieces, of which each begins where the one before ended. After a break the sender
/// asks how far it had come by offering any piece; what came stays as long as the process lives.
extension Journal {
    /// Takes a piece of a snapshot's file.
    public mutating func receiveSnapshot(
        _ id: SnapshotID, from offset: Int, bytes: RawSpan, now: SteadyTime, into effects: inout [DiskEffect]
    ) -> SnapshotReceipt {
        guard failure == nil, !isStopping else { return .busy }
        if let unmarked, unmarked.isReceived, unmarked.snapshot.id == id { return .complete }
        guard id.lastIndex > (newestMark?.id.lastIndex ?? .zero), terms.term(at: id.lastIndex) != id.lastTerm else {
            return .notNeeded
        }
        if work?.isReceived != true || work?.id != id {
            guard begin(id, into: &effects) else { return .busy }
        }
        guard var receiving = work.take() else { return .busy }
        let receipt = take(bytes, at: offset, of: id, by: &receiving)
        work = receiving
        if case .refused = receipt {
            abandonSnapshot(into: &effects)
        } else {
            writeSnapshot(now: now, into: &effects)
        }
        return receipt
    }

    /// Begins to receive, in place of whatever is being written.
    private mutating func begin(_ id: SnapshotID, into effects: inout [DiskEffect]) -> Bool {
        abandonSnapshot(into: &effects)
        // One that was taken and has no mark yet is older, and may wait for a batch that never comes.
        if let taken = unmarked, !taken.isReceived, gathering.mark == nil, flying.mark?.id != taken.snapshot.id {
            unmarked = nil
            asideAwaited.append(emit(.remove(name: taken.snapshot.name), into: &effects))
        }
        guard work == nil, unmarked == nil, asideAwaited.isEmpty else { return false }
        let receiving = SnapshotWork(
            file: newFile(), reader: SnapshotFileReader(name: SnapshotName.receiving), id: id,
            appendedBytes: appendedBytes)
        snapshotAwaited.insert(emit(.create(receiving.file, name: receiving.name), into: &effects))
        work = receiving
        return true
    }

    private mutating func take(
        _ bytes: RawSpan, at offset: Int, of id: SnapshotID, by receiving: inout SnapshotWork
    ) -> SnapshotReceipt {
        if receiving.isAbandoned { return .busy }
        if receiving.isComplete { return .complete }
        guard offset == receiving.gathered else {
            marks.hit(.pieceOutOfOrder)
            return .next(offset: receiving.gathered)
        }
        guard receiving.gathering.count < 2 * configuration.snapshotStepBytes else { return .next(offset: offset) }
        guard offset + bytes.byteCount <= id.byteCount else { return refuse(id, "it has more bytes than were told") }
        receiving.gathering.append(bytes: bytes)
        receiving.reader?.feed(bytes)
        do throws(JournalError) {
            while let item = try receiving.reader?.next() {
                switch item {
                case .header(let header):
                    guard header.lastIndex == id.lastIndex, header.lastTerm == id.lastTerm else {
                        return refuse(id, "it is another than was told")
                    }
                    guard header.group == identity.group,
                        identity.cluster == .unborn || header.cluster == identity.cluster
                    else {
                        return .refused(
                            .wrongIdentity(
                                file: receiving.name, expected: "cluster \(identity.cluster)",
                                found: "cluster \(header.cluster)"))
                    }
                    receiving.header = header
                case .content: break
                case .end(let found):
                    guard found == id else { return refuse(id, "it is another than was told") }
                    receiving.isComplete = true
                }
            }
        } catch { return .refused(error) }
        if receiving.isComplete { return .complete }
        if receiving.gathered == id.byteCount { return refuse(id, "it has no end") }
        return .next(offset: receiving.gathered)
    }

    private func refuse(_ id: SnapshotID, _ reason: String) -> SnapshotReceipt {
        .refused(.snapshotCorrupt(file: SnapshotName.receiving, offset: 0, reason: reason))
    }
}
