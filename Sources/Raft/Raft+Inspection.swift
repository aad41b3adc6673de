import LeaseholdBase

/// What a driver that checks everything looks at, and nothing else needs.
extension Raft {
    /// Term and vote as they are on disk.
    package var durableState: HardState { persists.durableState }
    /// How many requests the disk has not completed.
    package var persistsInFlight: Int { persists.inFlightCount }
    /// How many append messages to one peer are unanswered, at most; zero unless this node leads.
    package var longestWindow: Int { role.leadership?.peers.map(\.windowMessages).max() ?? 0 }
    /// How many rounds of reads wait for a quorum's word; zero unless this node leads.
    package var readGroups: Int { role.leadership?.reads.groupCount ?? 0 }
    /// How many reads' rounds may wait.
    package static var readGroupLimit: Int { ReadQueue.groupLimit }
    /// How many bytes the entries take that memory cannot be given up for: those that are not applied or not durable.
    package var bytesHeld: Int { log.bytes(after: max(log.releasedIndex, min(appliedIndex, durableIndex))) }
}
