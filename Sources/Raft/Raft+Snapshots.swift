public import LeaseholdBase

extension Raft {
    /// What a snapshot of the state as of an applied entry stands for; nil when that is not known.
    ///
    /// The membership is the one in effect at that entry, whatever has been appended since (trap 29).
    /// - Parameters:
    ///   - index: The last entry that is part of the state; not beyond what was said to be applied.
    ///   - logTime: The log time of that entry.
    public func snapshotPoint(at index: LogIndex, logTime: LogTime) -> SnapshotPoint? {
        guard index <= appliedIndex, index > .zero, let term = log.term(at: index),
            let stage = memberships.stage(at: index)
        else { return nil }
        return SnapshotPoint(
            position: LogPosition(index: index, term: term), logTime: logTime, membershipIndex: stage.index,
            membership: stage.membership)
    }

    /// How far the journal may give up its entries. None of them while it has not made durable that the log began anew:
    /// what is on its way to it may still cut what is before.
    public var releasableIndex: LogIndex { persists.isRestarting ? .zero : log.start.index }

    /// The entries up to an index are part of a snapshot, and wanted no more.
    mutating func compact(through wanted: LogIndex) {
        let index = min(wanted, appliedIndex, persists.durableIndex)
        guard index > log.start.index else { return }
        marks.hit(.logCompacted)
        log.compact(through: index)
    }

    /// A snapshot has come that is durable here.
    ///
    /// What this node knows to be committed is never taken back: a snapshot that it is past is done with, and the
    /// leader is told how far the log goes (trap 38). Else the snapshot stands for everything up to its index. If the
    /// log has that very entry, what is behind it stays, as it may have been acknowledged; if not, no entry of the log
    /// is known to be the leader's, and all go, with their memberships (thesis §5.1; trap 30).
    mutating func install(_ snapshot: SnapshotPoint, from sender: NodeID, into effects: inout [RaftEffect]) {
        // A leader holds everything that is committed; it was none when this was sent.
        guard !role.isLeader else { return marks.hit(.snapshotOutrun) }
        guard snapshot.index > commitIndex else {
            marks.hit(.snapshotOutrun)
            return acknowledge(snapshot.index, to: sender)
        }
        let isHeld = log.term(at: snapshot.index) == snapshot.term
        learn(snapshot.term)
        // Votes were asked for with a log that is not this node's any more.
        if role.following == nil { stepDown() }
        if isHeld {
            marks.hit(.snapshotKeptSuffix)
        } else {
            marks.hit(.snapshotReplacedLog)
            // A leader that is known to have what goes was deposed by whoever committed the snapshot's last entry.
            if let leader = role.following?.leader, leader.verified >= snapshot.index { role.following?.leader = nil }
            log.restart(behind: snapshot.position, logTime: snapshot.logTime)
            persists.restarted(behind: snapshot.position)
            memberships.removeAll()
        }
        memberships.adopt(snapshot)
        (commitIndex, appliedIndex) = (snapshot.index, snapshot.index)
        effects.append(.installSnapshot(snapshot))
        releaseMemory()
        acknowledge(snapshot.index, to: sender)
    }

    /// The leader that is followed hears by the end of the turn that this log is its own up to an index, which is
    /// committed, as soon as it is so durably.
    private mutating func acknowledge(_ index: LogIndex, to sender: NodeID) {
        guard role.following?.leader?.id == sender else { return }
        role.following?.leader?.agreed(through: index, round: 0)
    }
}
