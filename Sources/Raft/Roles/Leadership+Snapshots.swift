import LeaseholdBase

/// Peers that need what the log has not any more. While a snapshot is under way to one it gets heartbeats and no
/// entries; the bytes are the driver's affair.
extension Leadership {
    /// A peer needs entries that are compacted: asks for a snapshot to be sent, if the peer is there to take it and it is
    /// time, and asks again when one under way makes no progress.
    mutating func sendSnapshot(
        to position: Int, _ sending: Sending, isRound: Bool, log: RaftLog, marking marks: inout MarkSet<RaftMark>,
        into effects: inout [RaftEffect]
    ) {
        let configuration = sending.configuration
        guard peers[position].isHeard(within: configuration.electionTimeout, at: sending.now) else { return }
        switch peers[position].state {
        case .snapshot(let progressedAt):
            guard isRound, sending.now - progressedAt >= configuration.snapshotPatience else { return }
            marks.hit(.snapshotStalled)
        case .probe, .replicate:
            guard sending.now >= peers[position].snapshotRetryAt else { return }
            marks.hit(.snapshotBegun)
        }
        peers[position].beganSnapshot(at: sending.now)
        effects.append(.sendSnapshot(to: peers[position].id, atLeast: log.start.index))
    }

    /// A part of a snapshot has reached its peer.
    mutating func snapshotProgressed(to id: NodeID, at now: SteadyTime) {
        guard let position = position(of: id) else { return }
        peers[position].snapshotProgressed(at: now)
    }

    /// A snapshot did not reach its peer. It is asked for again, after a while: what failed may fail again.
    mutating func snapshotFailed(to id: NodeID, retryAt: SteadyTime) {
        guard let position = position(of: id), peers[position].isTakingSnapshot else { return }
        peers[position].endSnapshot(retryAt: retryAt)
    }
}

extension Progress {
    /// Whether a snapshot is under way to the peer.
    var isTakingSnapshot: Bool { if case .snapshot = state { true } else { false } }
}
