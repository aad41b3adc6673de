#if PLANTED_BUGS
/// A mistake that somebody made, or could have, in one to three lines. The raw value is its name on the command line.
///
/// What is not planted yet, because what it breaks is not built yet: with waiting, a dead waiter granted; with watching, a
/// resumption at the wrong index, and a slow reader whose events are dropped.
public enum PlantedBug: String, CaseIterable, Sendable {
    // MARK: Elections
    case voteBeforeDurable = "vote-before-durable"
    case ownVoteBeforeDurable = "own-vote-before-durable"
    case voteForgottenAtStart = "vote-forgotten-at-start"
    case voteClearedByStepDown = "vote-cleared-by-step-down"
    case preVoteCountsAsVote = "pre-vote-counts-as-vote"
    case voteLogCheckMissing = "vote-log-check-missing"
    case lengthBeforeTerm = "length-before-term"
    case refusalTeachesNoTerm = "refusal-teaches-no-term"
    case noPreVote = "no-pre-vote"
    case noQuorumCheck = "no-quorum-check"
    case transferNeverEnds = "transfer-never-ends"
    case transferToAnyoneNeverEnds = "transfer-to-anyone-never-ends"
    case stalledLeaderStays = "stalled-leader-stays"
    case oddClockLeadsOn = "odd-clock-leads-on"
    case stopIgnored = "stop-ignored"
    case wipedQuorumBornAnew = "wiped-quorum-born-anew"

    // MARK: Replication
    case appendBeforeSync = "append-before-sync"
    case appendBeforeTermDurable = "append-before-term-durable"
    case leaderCountsItselfEarly = "leader-counts-itself-early"
    case commitWithoutQuorum = "commit-without-quorum"
    case olderTermByCounting = "older-term-by-counting"
    case olderTermOffByOne = "older-term-off-by-one"
    case truncateOnAnyAppend = "truncate-on-any-append"
    case conflictNotTruncated = "conflict-not-truncated"
    case prevBelowStartIsConflict = "prev-below-start-is-conflict"
    case commitBeforeCompared = "commit-before-compared"
    case heartbeatCommitsAll = "heartbeat-commits-all"
    case nextNeverBackedOff = "next-never-backed-off"
    case answerCountsForAllSent = "answer-counts-for-all-sent"
    case completionWithoutTerm = "completion-without-term"

    // MARK: The journal
    case checksumNotChecked = "checksum-not-checked"
    case headerNotCovered = "header-not-covered"
    case cutAtFirstBadRecord = "cut-at-first-bad-record"
    case tornTailFatal = "torn-tail-fatal"
    case renameWithoutDirectorySync = "rename-without-directory-sync"
    case syncErrorIgnored = "sync-error-ignored"
    case diskLowForEver = "disk-low-for-ever"
    case halfRecordAfterFullDisk = "half-record-after-full-disk"
    case tailCopiedToNewSegment = "tail-copied-to-new-segment"
    case truncationOffByOne = "truncation-off-by-one"
    case noSeal = "no-seal"

    // MARK: Snapshots and members
    case snapshotWrongTerm = "snapshot-wrong-term"
    case requestsMissingFromSnapshot = "requests-missing-from-snapshot"
    case logReleasedBeforeMark = "log-released-before-mark"
    case snapshotLosesLogTime = "snapshot-loses-log-time"
    case membershipAtCommit = "membership-at-commit"
    case backupTakesUncommitted = "backup-takes-uncommitted"
    case restoreKeepsIndex = "restore-keeps-index"
    case saveFromStaleSnapshot = "save-from-stale-snapshot"
    case receiptKept = "receipt-kept"

    // MARK: Messages and requests
    case frameChecksumSkipped = "frame-checksum-skipped"
    case doneAfterTermChange = "done-after-term-change"
    case unknownAsNotDone = "unknown-as-not-done"
    case retryAppliedTwice = "retry-applied-twice"
    case outcomeForgottenAtMark = "outcome-forgotten-at-mark"
    case duplicateFromMemory = "duplicate-from-memory"
    case cancelForgotten = "cancel-forgotten"
    case correlationReused = "correlation-reused"

    // MARK: Reads
    case oldLeaderServesReads = "old-leader-serves-reads"
    case readBeforeOwnCommit = "read-before-own-commit"
    case readIDReused = "read-id-reused"

    // MARK: Tokens and claims
    case tokenFromTerm = "token-from-term"
    case tokenFromClock = "token-from-clock"
    case tokenCounterForgotten = "token-counter-forgotten"
    case endsAPulseEarly = "ends-a-pulse-early"
    case renewalOfExpired = "renewal-of-expired"
    case releaseByName = "release-by-name"
    case applyReadsNodeLimit = "apply-reads-node-limit"

    // MARK: Time
    case expiryByOwnClock = "expiry-by-own-clock"
    case expiryByWallClock = "expiry-by-wall-clock"
    case leaderKeepsAbsoluteTimes = "leader-keeps-absolute-times"
    case leaderRestartsTTLs = "leader-restarts-ttls"
    case deposedLeaderPulse = "deposed-leader-pulse"
    case stampFromFirstReading = "stamp-from-first-reading"
    case stallCharged = "stall-charged"
    case clockReadAtMidpoint = "clock-read-at-midpoint"
    case tiesByInsertion = "ties-by-insertion"
    case noPulseWhileIdle = "no-pulse-while-idle"
    case pulseOnlyWhenDue = "pulse-only-when-due"
    case beliefFromReply = "belief-from-reply"
    case beliefBlindToSuspension = "belief-blind-to-suspension"
    case beliefIgnoresDrift = "belief-ignores-drift"
}
#endif
