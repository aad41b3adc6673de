import LeaseholdBase

/// Branches of consensus that runs must be seen to take.
package enum RaftMark: UInt8, CoverageMark {
    /// A pre-vote was refused because a leader is heard.
    case preVoteRefusedForLeader
    /// A pre-vote was refused because the asker's log is older.
    case preVoteRefusedByLog
    /// A node that was asking itself met one that makes a better leader, and dropped its own question.
    case ownPreVoteDropped
    /// A node that was asking itself granted another's pre-vote and went on asking.
    case preVoteGrantedWhileAsking
    /// The refusal of a pre-vote showed a greater term.
    case termLearntFromRefusal
    /// A vote of a greater term was refused, and the term not learnt, because a leader is heard.
    case voteRefusedForLeader
    /// A vote was refused because the candidate's log is older.
    case voteRefusedByLog
    /// A vote was refused because the term's vote went elsewhere.
    case voteRefusedAsGiven
    /// The answer to a vote waits for the disk.
    case voteHeldForDisk
    /// A quorum refused a vote.
    case voteLost
    /// An election timeout passed on a node that may not campaign.
    case campaignBarred
    /// The connection to the leader was lost, and the wait for it cut short.
    case disconnectHintFollowed
    /// A leader learnt a greater term.
    case steppedDownByTerm
    /// A leader stepped down because no quorum answers it.
    case steppedDownByQuorumCheck
    /// A leader stepped down because its disk hangs.
    case steppedDownByStalledDisk
    /// A leader began to hand over.
    case transferBegun
    /// A leader began to hand over because its disk hangs.
    case transferBegunByStalledDisk
    /// A hand-over came to nothing and was given up.
    case transferTimedOut
    /// A follower campaigned at once because the leader asked it to.
    case campaignedForTransfer
    /// A leader gave up because its clock is the odd one.
    case gaveUpForClock
    /// A leader whose clock is the odd one found nobody to take over, and stepped down.
    case steppedDownForClock
    /// A node whose clock is the odd one left an election to the others.
    case campaignLeftToOthers
    /// A proposal was refused because leadership is being handed over.
    case proposalRefusedInTransfer
    /// A proposal was refused because too much waits for its commit.
    case logFull
    /// Entries that contradict the leader's were cut off the log.
    case conflictTruncated
    /// Entries were cut off that were on their way to the disk.
    case truncatedInFlight
    /// An append was refused for what comes before its entries, with a hint.
    case appendRejected
    /// An append of a former leader was refused.
    case appendOfOldTermRefused
    /// An append brought entries that were here: it was late, or sent twice.
    case entriesHeldAlready
    /// A commit notice reached beyond what was compared, and was cut to that.
    case commitNoticeCut
    /// An answer to the leader was held back because the disk has not got the term.
    case answerHeldForTerm
    /// The answer to an append came for another term, or to a node that no longer leads.
    case lateAnswerIgnored
    /// The refusal of an append told the leader nothing new.
    case oldRefusalIgnored
    /// A quorum holds entries of an earlier term, and they were not committed by counting.
    case olderTermHeldBack
    /// A peer got no more because its window is full.
    case windowFull
    /// Entries that are no longer in memory were asked of the journal.
    case readBackBegun
    /// Entries that were read back went to their peer.
    case readBackSent
    /// A change of voters began: the membership is joint.
    case jointBegun
    /// A joint membership was left.
    case jointLeft
    /// Learners or addresses were changed, which takes one entry.
    case membersChanged
    /// A change of the membership was refused.
    case changeRefused
    /// A change was refused because a learner does not keep up yet.
    case promotionTooEarly
    /// A change was refused because the voters after it that are heard are no quorum.
    case quorumLossRefused
    /// A membership that was not committed went with its entry.
    case membershipRolledBack
    /// A leader learnt that it is committed that it is no voter, and began to hand over.
    case removedLeaderLeft
    /// A peer that is no member any more has heard of it.
    case departureHeard
    /// A peer that is no member any more was silent, and was let go.
    case departureUnheard
    /// A node that asked for votes was told that it is no member.
    case removedNodeTold
    /// A node was told that it is no member, and is quiet.
    case quietAsRemoved
    /// Entries that a snapshot has made superfluous were given up.
    case logCompacted
    /// A peer needs entries that are compacted: a snapshot is to be sent.
    case snapshotBegun
    /// A snapshot made no progress and was asked for again.
    case snapshotStalled
    /// A snapshot failed.
    case snapshotFailed
    /// A peer that took a snapshot goes on with entries.
    case snapshotDone
    /// A snapshot came to a node that is past it.
    case snapshotOutrun
    /// A snapshot was installed, and the entries behind it stayed.
    case snapshotKeptSuffix
    /// A snapshot was installed in place of the log.
    case snapshotReplacedLog
}
