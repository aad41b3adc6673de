#if PLANTED_BUGS
import LeaseholdBase

extension PlantedBug {
    /// How a mistake is looked for.
    struct Trial: Sendable {
        /// The properties, by number, of which one must find it: zero is an invariant that a module states of itself.
        let properties: [Int]
        /// The profiles in which it is looked for, in turn.
        let profiles: [String]
        /// How many seeds it may take in one round.
        let seeds: Int
        /// What the mistake is.
        let line: String

        init(_ properties: [Int], _ profiles: String..., seeds: Int, _ line: String) {
            self.properties = properties
            self.profiles = profiles
            self.seeds = seeds
            self.line = line
        }
    }

    /// How this one is looked for.
    var trial: Trial {
        switch self {
        case .voteBeforeDurable:
            Trial([2, 8], "swarm", seeds: 100, "a vote is answered before the disk has it")
        case .ownVoteBeforeDurable:
            Trial([2, 8], "swarm", seeds: 100, "a candidate asks for votes before its own is on its disk")
        case .voteForgottenAtStart:
            Trial([2, 3], "swarm", seeds: 200, "who got the vote is not read back at a start")
        case .voteClearedByStepDown:
            Trial([2, 3], "swarm", seeds: 500, "a candidate that steps down within its term may vote once more")
        case .preVoteCountsAsVote:
            Trial(
                [1, 5], "swarm", seeds: 500,
                "an answer to a pre-vote is counted for the campaign behind it")
        case .voteLogCheckMissing:
            Trial([5, 10], "swarm", seeds: 200, "votes go to whoever asks, whatever its log holds")
        case .lengthBeforeTerm:
            Trial([5, 10], "swarm", seeds: 2000, "the longer log wins the vote, even one of an older term")
        case .refusalTeachesNoTerm:
            Trial([16, 22], "swarm", seeds: 300, "a node behind does not learn the term from a refusal")
        case .noPreVote:
            Trial([23], "swarm", seeds: 100, "a node that hears no leader campaigns at once")
        case .noQuorumCheck:
            Trial([16, 22], "swarm", seeds: 300, "a leader that nobody answers leads on")
        // A hand-over goes to the node that holds most and was heard last, which is told at once and again with each round,
        // so it comes to nothing only if that very node is lost within a moment, and then the leader must not step down
        // for its disk's sake. So there is a script, and another bug in which the choice of the node is gone too.
        case .transferNeverEnds:
            Trial([16, 22, 24], "swarm", seeds: 200, "a hand-over that came to nothing bars proposals for ever")
        case .transferToAnyoneNeverEnds:
            Trial(
                [16, 22, 24], "disks", "swarm", seeds: 1000,
                "a hand-over goes to any voter, and bars proposals for ever when that comes to nothing")
        // To stay is harmless by itself: a quorum of other disks is enough to commit. So this leader waits for its own, too.
        case .stalledLeaderStays:
            Trial(
                [16, 22], "disks", "swarm", seeds: 500,
                "a leader whose disk hangs stays, and commits nothing without it")
        case .oddClockLeadsOn:
            Trial([28], "clocks", seeds: 300, "a leader whose clock is the odd one leads on")
        case .stopIgnored:
            Trial([22], "swarm", seeds: 200, "a node that is asked to stop goes on")
        case .wipedQuorumBornAnew:
            Trial(
                [4, 6, 10], "swarm", seeds: 500, "emptied directories found a cluster without all being empty")
        case .appendBeforeSync:
            Trial([7, 8], "swarm", seeds: 100, "a follower acknowledges what its disk does not have yet")
        case .appendBeforeTermDurable:
            Trial([8], "swarm", seeds: 200, "a follower answers in a term that its disk does not have yet")
        case .leaderCountsItselfEarly:
            Trial([7, 8], "swarm", seeds: 100, "the leader counts its own append before its sync")
        case .commitWithoutQuorum:
            Trial([7, 8], "swarm", seeds: 100, "what the quickest follower holds counts as committed")
        case .olderTermByCounting:
            Trial([7, 10], "swarm", seeds: 1000, "an entry of an older term is committed by counting replicas")
        case .olderTermOffByOne:
            Trial([7, 10], "swarm", seeds: 2000, "the entry before the first of the term counts as one of it")
        case .truncateOnAnyAppend:
            Trial([7, 8, 10], "swarm", seeds: 500, "an append cuts what it does not mention")
        case .conflictNotTruncated:
            Trial(
                [4, 6, 7], "swarm", seeds: 1000, "a follower keeps its own entry where the leader's differs")
        case .prevBelowStartIsConflict:
            Trial(
                [7, 8, 10], "swarm", seeds: 2000,
                "an append from before the log in memory is taken for a conflict")
        // Not to cut the notice at what was compared is harmless by itself: a hint leads a probe to the very entry where the
        // logs part, so what the first entries behind it contradict is cut before, and a message without entries tells no
        // more than its receiver is known to hold. So here the notice is taken before anything is compared.
        case .commitBeforeCompared:
            Trial([6, 10], "swarm", seeds: 1000, "a commit notice is taken before the logs are compared")
        case .heartbeatCommitsAll:
            Trial([6, 10], "swarm", seeds: 1000, "a heartbeat's commit notice covers what was not compared")
        case .nextNeverBackedOff:
            Trial([16, 22], "swarm", seeds: 200, "a refused append does not move the next one back")
        // An answer of an earlier leadership of the same node is harmless as good as ever: it tells of more than its sender
        // holds only if both logs were cut since, and then of more than the leader has, or of an entry under way. One to an
        // earlier message of this leadership is not, where the leader believes what it has sent since to be answered.
        case .answerCountsForAllSent:
            Trial(
                [7, 10], "swarm", seeds: 100,
                "an answer to an earlier message counts for all that was sent since")
        case .completionWithoutTerm:
            Trial(
                [7, 8], "swarm", seeds: 2000,
                "a disk's completion counts for entries that were rewritten since")
        case .checksumNotChecked:
            Trial([4, 6, 9], "disks", "swarm", seeds: 500, "a batch's checksum is not compared")
        case .headerNotCovered:
            Trial([4, 6, 9], "disks", "swarm", seeds: 500, "a batch's header is believed without a checksum")
        case .cutAtFirstBadRecord:
            Trial([3, 9], "disks", seeds: 500, "damage in the middle of the journal is taken for a torn tail")
        case .tornTailFatal:
            Trial([9, 22], "disks", "swarm", seeds: 200, "a torn tail is taken for damage")
        case .renameWithoutDirectorySync:
            Trial([7, 8, 9], "disks", "swarm", seeds: 500, "a new segment is used before its name is durable")
        case .syncErrorIgnored:
            Trial([7, 8, 9], "disks", seeds: 200, "a failed sync counts as done")
        case .diskLowForEver:
            Trial([22], "disks", seeds: 300, "a disk that was full once is taken for full ever after")
        case .halfRecordAfterFullDisk:
            Trial([7, 8, 9], "disks", seeds: 1000, "what a full disk took only in part counts as written")
        case .tailCopiedToNewSegment:
            Trial(
                [8, 9], "disks", "swarm", seeds: 1000,
                "recovery copies the tail to a new segment, and then drops the old")
        case .truncationOffByOne:
            Trial([4, 8, 9], "swarm", seeds: 2000, "a truncation by one entry is not recorded")
        case .noSeal:
            Trial([3, 9], "disks", seeds: 1000, "nothing tells damage to the last batch from a torn one")
        case .snapshotWrongTerm:
            Trial(
                [4, 5, 8, 9, 10, 22], "membership", "swarm", seeds: 200,
                "a snapshot tells another term of its last entry")
        case .requestsMissingFromSnapshot:
            Trial(
                [6, 17, 20], "membership", "swarm", seeds: 200,
                "who loads a snapshot forgets what clients have asked for")
        case .logReleasedBeforeMark:
            Trial([8, 9], "swarm", "disks", seeds: 500, "the log is released before the snapshot's mark is durable")
        case .snapshotLosesLogTime:
            Trial([6, 12, 16], "membership", "swarm", seeds: 200, "log time begins anew with a snapshot")
        case .membershipAtCommit:
            Trial([1, 7, 21], "membership", seeds: 500, "a membership counts from its commit on, not from its append")
        case .backupTakesUncommitted:
            Trial([4, 6], "swarm", "disks", seeds: 500, "a backup holds what was never committed")
        case .restoreKeepsIndex:
            Trial([13], "swarm", seeds: 50, "a restored cluster goes on at the backup's index")
        case .saveFromStaleSnapshot:
            Trial([18], "swarm", "membership", seeds: 200, "who saves a snapshot gets what there is, however old")
        case .receiptKept:
            Trial(
                [18, 22, 24], "membership", "swarm", seeds: 1000,
                "a snapshot that stops coming in the middle keeps its place for ever")
        case .frameChecksumSkipped:
            Trial([4, 17, 20], "swarm", seeds: 500, "a frame's checksum is not compared")
        case .doneAfterTermChange:
            Trial(
                [17, 20], "swarm", seeds: 500,
                "whoever waits is answered by whatever entry has the index")
        case .unknownAsNotDone:
            Trial([17, 20], "swarm", seeds: 1000, "what a deposed leader had appended is told as not done")
        case .retryAppliedTwice:
            Trial([17, 20], "swarm", seeds: 200, "a request's outcome is not remembered")
        case .outcomeForgottenAtMark:
            Trial([17, 20], "swarm", seeds: 1000, "the outcome of the lowest unanswered request is forgotten too")
        case .duplicateFromMemory:
            Trial(
                [12, 17], "swarm", "clocks", seeds: 2000,
                "a duplicate is answered at the door, not through the log")
        case .cancelForgotten:
            Trial([17, 20], "swarm", seeds: 1000, "a cancel that found nothing is not remembered")
        case .correlationReused:
            Trial(
                [15, 17, 18, 20], "swarm", seeds: 500,
                "an answer to an earlier request of the slot is taken")
        case .oldLeaderServesReads:
            Trial([18], "swarm", seeds: 500, "a leader answers reads without asking a quorum")
        case .readBeforeOwnCommit:
            Trial([18], "swarm", seeds: 1000, "a new leader answers reads before it has committed an entry")
        case .readIDReused:
            Trial([18], "swarm", seeds: 200, "a read is confirmed by answers to what was sent before it")
        case .tokenFromTerm:
            Trial([13, 14], "smoke", seeds: 20, "the token is the term")
        case .tokenFromClock:
            Trial([13, 14], "clocks", seeds: 200, "the token is the leader's wall clock")
        case .tokenCounterForgotten:
            Trial([13, 14], "swarm", seeds: 100, "the token is a counter that a start begins anew")
        case .endsAPulseEarly:
            Trial([11, 12], "swarm", seeds: 50, "whoever asks for a lease in its last half second gets it")
        case .renewalOfExpired:
            Trial([15], "swarm", seeds: 500, "a claim whose time is over is renewed while it is not recorded")
        case .releaseByName:
            Trial([12, 15], "swarm", seeds: 100, "a release ends whatever claim the lease has")
        case .applyReadsNodeLimit:
            Trial([6], "swarm", seeds: 100, "apply refuses by a limit that each node has for itself")
        case .expiryByOwnClock:
            Trial([6], "swarm", seeds: 50, "every replica expires by its own clock")
        case .expiryByWallClock:
            Trial(
                [9, 12, 16, 17, 18], "clocks", "swarm", seeds: 200,
                "deadlines are compared with the wall clock")
        case .leaderKeepsAbsoluteTimes:
            Trial([11, 12], "swarm", seeds: 100, "deadlines of an old leader's clock are read on a new leader's")
        case .leaderRestartsTTLs:
            Trial([16, 17], "swarm", seeds: 500, "every new leader gives every claim its whole TTL again")
        case .deposedLeaderPulse:
            Trial([4], "swarm", seeds: 1000, "a leader that was deposed appends one more pulse")
        case .stampFromFirstReading:
            Trial(
                [11, 12], "swarm", "clocks", seeds: 2000,
                "what a turn takes in is stamped with an older reading of the clock")
        case .stallCharged:
            Trial(
                [12], "swarm", "clocks", seeds: 500,
                "the time in which a leader did not run is charged to the claims")
        case .clockReadAtMidpoint:
            Trial(
                [27], "swarm", "clocks", seeds: 500,
                "another's clock is taken to have been read halfway between question and answer")
        // Which end is forgotten first follows from the order in which ends are recorded: so it is told of claims, too.
        case .tiesByInsertion:
            Trial(
                [15, 17, 18], "swarm", seeds: 200, "deadlines that are equal are recorded in the order of insertion")
        case .noPulseWhileIdle:
            Trial([16], "swarm", seeds: 100, "nothing expires while nobody asks for anything")
        case .pulseOnlyWhenDue:
            Trial([16], "swarm", seeds: 2000, "a leader change forgets all time since the last entry")
        case .beliefFromReply:
            Trial(
                [11, 12, 14], "swarm", "clocks", seeds: 1000,
                "a client counts from the reply instead of from its request")
        case .beliefBlindToSuspension:
            Trial([11, 12, 14], "swarm", "clocks", seeds: 1000, "a client's clock does not count suspension")
        case .beliefIgnoresDrift:
            Trial(
                [11, 12, 14], "clocks", "swarm", seeds: 1000,
                "a client takes its clock for one that runs as the cluster's")
        }
    }
}
#endif
