import LeaseholdBase

@testable import Raft

/// Snapshots taken, sent, lost, sent twice and installed; the state machine they are of.
extension Cluster {
    /// What of snapshots happens later.
    enum SnapshotEvent {
        case taken(DiskImage.StoredSnapshot)
        /// It comes in as a whole; the sender's replica said so.
        case arrives(DiskImage.StoredSnapshot, from: NodeID)
        case stored(DiskImage.StoredSnapshot, from: NodeID)
        case progressed(to: NodeID)
        case failed(to: NodeID)
    }

    func handle(_ event: SnapshotEvent, at id: NodeID, life: Int) {
        guard nodes[id]?.life == life || event.isArrival else { return }
        switch event {
        case .taken(let stored):
            nodes[id]?.disk.store(stored)
            // A tail is kept, or none, or all.
            let tail = LogIndex([0, 3, 30, 1_000][Int(draw(4))])
            compact(id, through: LogIndex(stored.point.index - tail))
        case .arrives(let stored, let sender):
            guard !isCut(sender, id), let node = nodes[id], node.raft != nil else { return }
            queue.add(.snapshot(id, life: node.life, .stored(stored, from: sender)), at: time + delay())
        case .stored(let stored, let sender):
            nodes[id]?.disk.store(stored)
            nodes[id]?.received = stored
            // The process may end right here.
            if isStormy, draw(20) == 0 { return crash(id) }
            turn(id, .snapshotReceived(from: sender, stored.point))
            compact(id, through: stored.point.index)
        case .progressed(let peer): turn(id, .snapshotProgressed(to: peer))
        case .failed(let peer): turn(id, .snapshotFailed(to: peer))
        }
    }

    private func compact(_ id: NodeID, through index: LogIndex) {
        guard let disk = nodes[id]?.disk, let point = disk.snapshot?.point, disk.lastIndex >= index else { return }
        guard point.index >= index else { return fail("\(id) gives up what no snapshot has") }
        turn(id, .compact(through: index))
        if let raft = raft(id), raft.releasableIndex > .zero { nodes[id]?.disk.compact(behind: raft.log.start) }
    }

    /// Takes a snapshot of what is applied.
    func takeSnapshot(_ id: NodeID) {
        guard let node = nodes[id], let raft = node.raft, raft.log.start.index < node.applied.index else { return }
        guard let point = raft.snapshotPoint(at: node.applied.index, logTime: node.applied.logTime) else {
            return fail("\(id) does not know what it has applied")
        }
        if let fault = judge.check(point, node.applied.digest) { fail(fault) }
        snapshotsTaken += 1
        let stored = DiskImage.StoredSnapshot(point: point, digest: node.applied.digest)
        queue.add(.snapshot(id, life: node.life, .taken(stored)), at: time + delay())
    }

    /// Sends the newest snapshot: it arrives, once or twice, or is lost, or fails and says so.
    func sendSnapshot(from id: NodeID, to peer: NodeID, atLeast index: LogIndex) {
        guard let node = nodes[id] else { return }
        guard let stored = node.disk.snapshot, stored.point.index >= index else {
            return fail("\(id) has no snapshot of \(index)")
        }
        let took = (1 + draw(10)) * 2_000_000
        queue.add(.snapshot(id, life: node.life, .progressed(to: peer)), at: time + took / 2)
        switch draw(faults.loss > 0 ? 6 : 20) {
        case 0: queue.add(.snapshot(id, life: node.life, .failed(to: peer)), at: time + took)
        case 1: break
        case 2:
            queue.add(.snapshot(peer, life: 0, .arrives(stored, from: id)), at: time + took * 3)
            fallthrough
        default: queue.add(.snapshot(peer, life: 0, .arrives(stored, from: id)), at: time + took)
        }
    }

    /// The state is replaced by that of the snapshot that came.
    func installSnapshot(_ id: NodeID, _ point: SnapshotPoint) {
        guard let stored = nodes[id]?.received, stored.point == point else { return fail("\(id) installs another") }
        if let fault = judge.check(point, stored.digest) { fail(fault) }
        guard let applied = nodes[id]?.applied.index, applied < point.index else {
            return fail("\(id) goes back to \(point.index)")
        }
        nodes[id]?.applied = Applied(index: point.index, logTime: point.logTime, digest: stored.digest)
        snapshotsInstalled += 1
    }

    /// Applies what is committed, from the log or, at the start, from the disk.
    func apply(_ id: NodeID, through index: LogIndex) {
        guard let node = nodes[id], let raft = node.raft else { return }
        var applied = node.applied
        while applied.index < index {
            let next = applied.index.next
            let entry: DiskImage.StoredEntry
            if let header = raft.header(at: next) {
                entry = DiskImage.StoredEntry(header: header, payload: raft.log.bytes(at: next))
            } else if let stored = node.disk[next] {
                entry = stored
            } else {
                return fail("\(id) lacks \(next), which is committed")
            }
            applied = Applied(index: next, logTime: entry.header.logTime, digest: digest(applied.digest, entry))
            if let fault = judge.applied(applied.index, applied.digest, by: id) { fail(fault) }
        }
        nodes[id]?.applied = applied
    }

    struct Applied: Equatable {
        var index = LogIndex.zero
        var logTime = LogTime.zero
        var digest: UInt64 = 0
    }
}

extension Cluster.SnapshotEvent {
    /// Whether it comes from outside, whatever life the node is in.
    fileprivate var isArrival: Bool { if case .arrives = self { true } else { false } }
}
