import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdJournal
import LeaseholdReplica
import Raft
import Simulator
import Testing

@Suite struct CoverageTests {
    private func isNumberedWithoutGaps<Mark: CoverageMark>(_ type: Mark.Type) -> Bool {
        Mark.allCases.map(\.rawValue) == Array(0..<UInt8(Mark.allCases.count)) && Mark.allCases.count <= 64
    }

    @Test func everyModulesMarksFitIntoAWord() {
        #expect(isNumberedWithoutGaps(RaftMark.self))
        #expect(isNumberedWithoutGaps(LeaseMachineMark.self))
        #expect(isNumberedWithoutGaps(JournalMark.self))
        #expect(isNumberedWithoutGaps(ReplicaMark.self))
        #expect(isNumberedWithoutGaps(ClientMark.self))
    }

    @Test func namesDiffer() {
        let names = Coverage.everything.names
        #expect(Set(names).count == names.count && names.count > 60)
        #expect(names.contains("raft.conflictTruncated") && Coverage().names == [])
    }

    @Test func exceptionsAreFewAndExist() {
        let names = Coverage.everything.names
        let exceptions = CoverageException.all
        for exception in exceptions { #expect(names.contains(exception.mark) && !exception.reason.isEmpty) }
        #expect(Set(exceptions.map(\.mark)).count == exceptions.count && exceptions.count * 4 < names.count)
    }

    @Test func aRunCollectsTheMarksOfEveryLife() {
        let plan = Plan(profile: .quiet, seed: 1, trouble: 5_000)
        let world = World(plan)
        world.startAll()
        world.run(for: .seconds(3), until: { world.nodes.contains { $0.replica?.isLeader == true } })
        guard let leader = world.nodes.first(where: { $0.replica?.isLeader == true }) else {
            Issue.record("no leader")
            return
        }
        #expect(!world.coverage.names.contains("raft.disconnectHintFollowed"))
        world.crash(leader, losingPower: false)
        world.run(for: .seconds(2))
        let before = world.coverage
        #expect(before.names.contains("raft.disconnectHintFollowed"))
        for node in world.nodes { world.crash(node, losingPower: true) }
        #expect(world.coverage == before)
        for node in world.nodes { world.start(node) }
        world.run(for: .seconds(2))
        #expect(world.coverage.names.contains("journal.lastSegmentRewritten"))
        world.end()
    }

    @Test func marksAreNoPartOfTheState() throws {
        let stamp = EntryStamp(index: LogIndex(1), logTime: LogTime(5), wallTime: .zero)
        var (one, other) = (LeaseMachine(hashSeed: 1), LeaseMachine(hashSeed: 2))
        var output = ApplyOutput()
        one.applyEmpty(at: stamp, into: &output)
        let asked = RequestHead(
            request: RequestID(instance: ClientInstance(1), sequence: RequestSequence(1)),
            lowestUnanswered: RequestSequence(1), newestSeen: .zero)
        let cancel = Cancel(
            target: RequestID(instance: ClientInstance(2), sequence: RequestSequence(1)), name: "name")
        var bytes: [UInt8] = []
        Command.cancel(asked, cancel).encode(into: &bytes)
        var ahead = one
        try ahead.apply(
            bytes.span.bytes, at: EntryStamp(index: LogIndex(2), logTime: LogTime(6), wallTime: .zero), into: &output)
        #expect(ahead.marks.contains(.cancelFoundNothing) && one.marks.isEmpty)
        other.applyEmpty(at: stamp, into: &output)
        #expect(one.digest == other.digest && one.digest != ahead.digest)
    }

    @Test func aMarkThatIsNeverHitFailsAFleetOfManySeedsAndNoOther() throws {
        let whole = CoverageVerdict(.everything)
        #expect(whole.never == [] && whole.missing(after: 100_000) == [])
        var coverage = Coverage.everything
        let truncated = try #require(RaftMark.allCases.first { $0 == .conflictTruncated })
        coverage.raft &= ~(1 << UInt64(truncated.rawValue))
        let lacking = CoverageVerdict(coverage)
        #expect(lacking.never == ["raft.conflictTruncated"] && lacking.expected == whole.expected)
        #expect(lacking.line.contains("never: raft.conflictTruncated"))
        let due = CoverageVerdict.seedsAtLeast
        #expect(lacking.missing(after: due) == ["raft.conflictTruncated"] && lacking.missing(after: due - 1) == [])
        let rare = try #require(CoverageException.all.first { $0.seedsAtLeast != nil })
        #expect(CoverageVerdict(Coverage()).missing(after: 100_000).contains(rare.mark))
        #expect(!CoverageVerdict(Coverage()).missing(after: due).contains(rare.mark))
        let spared = try #require(CoverageException.all.first { $0.seedsAtLeast == nil })
        #expect(!CoverageVerdict(Coverage()).never.contains(spared.mark) && whole.surprises.contains(spared.mark))
    }
}
