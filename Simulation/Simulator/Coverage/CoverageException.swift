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

    private static func rare(_ marks: [String], _ reason: String) -> [CoverageException] {
        marks.map { CoverageException(mark: $0, seedsAtLeast: 5_000, reason: reason) }
    }

    /// All exceptions.
    public static let all =
        outOfReach(
            [
                "machine.sweepCutShort", "machine.tooOldByFloor", "machine.instanceForgotten",
                "machine.endingForgotten", "machine.overloaded", "client.renumbered",
            ], "no workload changes the replicated settings, and their defaults are far away")
        + outOfReach(
            ["raft.logFull", "replica.logFullAnswered"], "no workload asks for as much as a log may hold uncommitted")
        + outOfReach(["journal.readOn"], "no workload has an entry as large as what is read at once")
        + outOfReach(["journal.readFailed"], "no fault fails a read")
        + outOfReach(["replica.birthRefused"], "every listed node is a member, and is refused at the greeting before")
        + outOfReach(["replica.slowFrameEnded"], "no fault holds back the rest of a packet")
        + rare(
            ["raft.transferTimedOut", "replica.stoppedWithoutHandOver"],
            "whom a leader hands over to has to fall silent while a quorum answers")
        + rare(
            ["machine.tooOldByMark", "machine.cancelledAcquireRefused"],
            "a request has to be overtaken by a later one on another connection")
        + rare(["journal.nameTaken"], "a whole segment without an entry")
        + rare(["journal.renameRefused", "journal.spareFailed"], "the disk has to fail in few of its calls")
        + rare(["journal.readDamaged"], "what is damaged has to be read back before the next start")
        + rare(["replica.misdirectedDropped"], "a leader has to speak to a node that has not stored the birth yet")
}
