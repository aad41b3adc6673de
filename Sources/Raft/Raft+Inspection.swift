package import LeaseholdBase

/// What a driver that checks everything looks at, and nothing else needs.
extension Raft {
    /// Whether a snapshot has taken the log's place and the journal has not made that durable yet.
    package var isRestartingLog: Bool { persists.isRestarting }

    /// The entries of the memberships that may still matter: of the one in effect at the last applied entry, and of all
    /// behind it.
    package var membershipIndices: [LogIndex] { memberships.stages.map(\.index) }
    /// The newest membership in the log, committed or not: what is to be in force, whatever the node goes by.
    package var membershipInLog: Membership { memberships.current }
    /// Whether a leader would give up now if its clock was found to be the odd one.
    package var mayGiveUpForClock: Bool { now >= clockDoubt.givesUpFrom && role.leadership?.transfer == nil }
    /// Term and vote as they are on disk.
    package var durableState: HardState { persists.durableState }
    /// How many requests the disk has not completed.
    package var persistsInFlight: Int { persists.inFlightCount }
    /// How much a leader has on its way in its term beyond a single entry, in bytes: what it took on though that was not
    /// all committed. Zero of any other. What the log's ring leaves unused where it begins anew is not counted.
    /// - Complexity: O(entries not committed).
    package var bytesTakenOn: Int {
        guard let leadership = role.leadership else { return 0 }
        let from = max(commitIndex, leadership.firstIndex.previous)
        return lastIndex > from.next ? log.lastIndex(from: from.next, fitting: .max, entries: .max).bytes : 0
    }
    /// The most that may be: what a leader takes on, and what the records of its first entry and of the last one take.
    /// A change of the membership is not held up by it.
    package var bytesTakenOnLimit: Int {
        let change = changeUnderWay == nil ? 0 : membership.encoded().count + RaftLog.recordBytes
        return configuration.uncommittedBytes + 2 * RaftLog.recordBytes + change
    }
    /// How many append messages to one peer are unanswered, at most; zero unless this node leads.
    package var longestWindow: Int { role.leadership?.peers.map(\.windowMessages).max() ?? 0 }
    /// How many rounds of reads wait for a quorum's word; zero unless this node leads.
    package var readGroups: Int { role.leadership?.reads.groupCount ?? 0 }
    /// How many reads' rounds may wait.
    package static var readGroupLimit: Int { ReadQueue.groupLimit }
    /// How many bytes the entries take that memory cannot be given up for: those that are not applied or not durable.
    package var bytesHeld: Int { log.bytes(after: max(log.releasedIndex, min(appliedIndex, durableIndex))) }
}
