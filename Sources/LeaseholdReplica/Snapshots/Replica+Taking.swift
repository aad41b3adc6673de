internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdJournal
internal import Raft

/// Snapshots of this node's own state, taken while the turns go on: a bounded share of it each turn.
extension Replica {
    /// Begins a snapshot when one is due, and goes on with the one that is being taken.
    mutating func tendSnapshot(now: TimeReading) {
        guard isBorn, stopping == .running else { return }
        releaseLog(now: now)
        giveUpStaleReceipt(now: now)
        switch taking.stage {
        case .resting: beginSnapshotIfDue(now: now)
        case .waiting(let header): beginWriting(header, now: now)
        case .writing: writeSnapshot(now: now)
        }
    }

    /// When ``tendSnapshot(now:)`` is wanted, though nothing happens.
    var snapshotDue: SteadyTime {
        guard isBorn, stopping == .running else { return .never }
        switch taking.stage {
        case .resting:
            if journal.receivingSnapshot != nil { return taking.receiptHeard + SnapshotTaking.receiptPatience }
            guard journal.bytesBehindSnapshot >= configuration.snapshots.logBytesMinimum,
                !journal.isBusyWithSnapshot, outgoingSnapshots.isEmpty, !downloads.isActive(now: turnEnded)
            else { return .never }
            return max(taking.notBefore, taking.begunAt + configuration.snapshots.age)
        // What it waits for is told by a completion.
        case .waiting: return .never
        case .writing: return journal.snapshotRoom > 0 ? turnEnded : .never
        }
    }

    /// A snapshot that has stopped coming would be in the way of every other: the log was fed after all, another node leads,
    /// or this one does.
    private mutating func giveUpStaleReceipt(now: TimeReading) {
        guard let id = journal.receivingSnapshot else { return }
        #if PLANTED_BUGS
        guard !planted(.receiptKept) else { return }
        #endif
        let isOvertaken = id.lastIndex <= appliedIndex || raft.isLeader
        guard isOvertaken || now.steady >= taking.receiptHeard + SnapshotTaking.receiptPatience else { return }
        marks.hit(.receiptGivenUp)
        incomingSnapshot = nil
        journal.abandonSnapshot(into: &diskEffects)
    }

    /// Consensus gives up what the journal has no more: only behind a snapshot whose mark is durable (trap 37).
    private mutating func releaseLog(now: TimeReading) {
        let gone = journal.firstIndex.previous
        guard gone > raft.log.start.index else { return }
        raft.step(.compact(through: gone), now: now, into: &raftEffects)
        settle(now: now)
    }

    private mutating func beginSnapshotIfDue(now: TimeReading) {
        guard now.steady >= taking.notBefore else { return }
        let snapshot = journal.snapshot
        let situation = SnapshotPolicy.Situation(
            logBytes: journal.bytesBehindSnapshot, snapshotBytes: snapshot?.id.byteCount ?? 0,
            age: now.steady - taking.begunAt,
            isBusy: journal.isBusyWithSnapshot || appliedIndex <= (snapshot?.id.lastIndex ?? .zero),
            isSending: !outgoingSnapshots.isEmpty || downloads.isActive(now: now.steady),
            isDiskLow: journal.isDiskLow,
            isWanted: taking.isWanted(behind: journal.readableSnapshot?.id.lastIndex, now: now.steady))
        let isDue =
            configuration.snapshots.isDue(situation)
            || isSnapshotDoubtful && !situation.isBusy && situation.logBytes > 0
        guard isDue, let point = raft.snapshotPoint(at: appliedIndex, logTime: appliedLogTime) else { return }
        machine.beginSnapshot()
        let header = SnapshotHeader(
            cluster: cluster, lastIndex: point.index, lastTerm: point.term, logTime: point.logTime,
            wallTime: machine.snapshotUnderWay?.wallTime ?? .zero, membershipIndex: point.membershipIndex,
            membership: point.membership.encoded(), birth: birthPayload ?? [])
        taking.begin(behind: snapshot?.id.byteCount ?? 0, now: now.steady)
        taking.stage = .waiting(header)
        beginWriting(header, now: now)
    }

    /// The state is kept as it was from here on; it may be written once its last entry is durable here: a leader applies
    /// what others have made durable before its own disk has.
    private mutating func beginWriting(_ header: SnapshotHeader, now: TimeReading) {
        guard journal.beginSnapshot(header, into: &diskEffects) else { return marks.hit(.snapshotAwaitedDisk) }
        taking.stage = .writing
        writeSnapshot(now: now)
    }

    private mutating func writeSnapshot(now: TimeReading) {
        guard journal.isTakingSnapshot else { return giveUpTaking() }
        let room = min(journal.snapshotRoom, configuration.snapshotShareBytes)
        guard room > 0 else { return }
        snapshotContent.removeAll(keepingCapacity: true)
        let isAll = machine.writeSnapshot(atMost: room, into: &snapshotContent)
        Self.append(snapshotContent, to: &journal, now: now.steady, into: &diskEffects)
        guard isAll else { return }
        journal.finishSnapshot(now: now.steady, into: &diskEffects)
        taking.stage = .resting
    }

    private static func append(
        _ content: [UInt8], to journal: inout Journal, now: SteadyTime, into effects: inout [DiskEffect]
    ) {
        unsafe journal.appendSnapshot(content.span.bytes, now: now, into: &effects)
    }

    /// Nobody wants the snapshot any more that is being taken.
    mutating func giveUpTaking() {
        guard !taking.isResting else { return }
        marks.hit(.takingGivenUp)
        machine.abandonSnapshot()
        taking.stage = .resting
    }

    /// Whether the bytes of the snapshot that counts were found damaged.
    var isSnapshotDoubtful: Bool { journal.snapshot.map { $0.id == taking.doubtful } ?? false }

    /// The journal has got done, or not, with a snapshot of this node's state.
    mutating func taken(_ snapshot: InstalledSnapshot) {
        log(.info, "snapshot_taken", "of \(snapshot.id)")
    }

    mutating func snapshotFailed(_ failure: JournalFailure, now: TimeReading) {
        log(.warning, "snapshot_failed", failure.description)
        giveUpTaking()
        incomingSnapshot = nil
        taking.notBefore = now.steady + SnapshotTaking.pauseAfterFailure
    }
}
