public import LeaseholdBase
internal import LeaseholdJournal
internal import Raft

extension Replica {
    /// Ends the node gracefully: hands over what it leads, lets the journal write its clean end, and then asks the
    /// driver to stop with the reason `asked`. Takes at most an election timeout and a sync.
    public mutating func stop(now: TimeReading) {
        guard stopping == .running else { return }
        #if PLANTED_BUGS
        if planted(.stopIgnored) { return }
        #endif
        log(.info, "stopping", "handing over and closing the journal")
        stopping = .handingOver(until: now.steady + configuration.electionTimeout)
        if isBorn, raft.isLeader { raft.step(.transfer(to: nil), now: now, into: &raftEffects) }
    }

    /// Goes on with a graceful stop.
    mutating func tendStop(now: TimeReading) {
        if case .handingOver(let until) = stopping, !isBorn || !raft.isLeader || now.steady >= until {
            if raft.isLeader {
                marks.hit(.stoppedWithoutHandOver)
            } else if raft.marks.contains(.transferBegun) {
                marks.hit(.stoppedByHandOver)
            }
            stopping = .closingJournal(until: now.steady + ReplicaLimits.closingTime)
            raft.step(.stop, now: now, into: &raftEffects)
            settle(now: now)
            journal.know(commit: raft.commitIndex)
            journal.stop(now: now.steady, into: &diskEffects)
        }
        // A journal to which nothing was added since its last clean end is closed already, and reports nothing.
        if case .closingJournal(let until) = stopping {
            if journal.isStopped {
                end(.asked)
            } else if now.steady >= until {
                marks.hit(.stoppedUnclean)
                // A disk without room, or one that hangs: an end that is not clean costs the next start some time.
                log(
                    .warning, "journal_not_closed", "the disk did not answer in time; the next start checks the journal"
                )
                end(.asked)
            }
        }
    }
}
