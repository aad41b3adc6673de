/// A mark that a fleet need not hit, or only a large one. To be kept few: a fault or a workload that hits it is better.
public struct CoverageException: Hashable, Sendable {
    /// The mark's name.
    public let mark: String
    /// From how many seeds on it has to be hit all the same; nil: nothing that there is can hit it.
    public let seedsAtLeast: Int?
    /// Why.
    public let reason: String

    private static func outOfReach(_ marks: [String], _ reason: String) -> [CoverageException] {
        marks.map { CoverageException(mark: $0, seedsAtLeast: nil, reason: reason) }
    }

    private static func rare(_ seeds: Int, _ marks: [String], _ reason: String) -> [CoverageException] {
        marks.map { CoverageException(mark: $0, seedsAtLeast: seeds, reason: reason) }
    }

    /// All exceptions. Rare are 5,000 seeds for what was seen now and then, and 50,000 for what a thousand have not hit.
    public static let all =
        outOfReach(["replica.birthRefused"], "every listed node is a member, and is refused at the greeting before")
        + outOfReach(
            ["replica.endedAsTooOld", "replica.tooOldRefused"], "no program goes back, or joins that is too old")
        + outOfReach(
            ["machine.restored", "machine.renewalOfRestored", "machine.quarantined"],
            "no workload restores a backup yet")
        + outOfReach(["client.otherClusterMet", "client.clusterChanged"], "there is one cluster in a run")
        + outOfReach(
            ["raft.snapshotKeptSuffix", "raft.snapshotOutrun"], "a node asks before whether it needs what has come")
        + rare(5_000, ["replica.slowFrameEnded"], "half a packet has to be held back for longer than most faults last")
        + rare(5_000, ["journal.readDamaged"], "a running node has to read back what is damaged")
        + rare(5_000, ["journal.readFailed"], "the one read that fails has to be that of a running node")
        + rare(
            5_000,
            [
                "raft.steppedDownByStalledDisk", "raft.truncatedInFlight", "replica.pulseRefused",
                "replica.stoppedUnclean",
            ],
            "a disk has to hang at one of a few moments")
        + rare(5_000, ["journal.readOn"], "what is read back has to stand behind more than is read at once")
        + rare(5_000, ["client.budgetEmpty"], "more tries have to fail than a client has in reserve")
        + rare(5_000, ["replica.misdirectedDropped"], "a node has to be spoken to that has not stored the birth yet")
        + rare(5_000, ["machine.tooOldByMark"], "a request has to be overtaken by a later one on another connection")
        + rare(50_000, ["machine.cancelledAcquireRefused"], "an acquire has to be overtaken by its cancel")
        + rare(
            50_000, ["raft.transferTimedOut", "raft.steppedDownForClock", "replica.stoppedWithoutHandOver"],
            "whom a leader hands over to has to fall silent while a quorum answers")
        + rare(50_000, ["journal.nameTaken"], "a whole segment has to stay without an entry")
        + rare(50_000, ["journal.renameRefused", "journal.spareFailed"], "the disk has to fail in few of its calls")
}
