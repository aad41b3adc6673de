import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// The simulated disk itself: what a crash leaves, and each of its faults.
@Suite struct DiskTests {
    private func bytes(_ count: Int, _ value: UInt8 = 7) -> [UInt8] { [UInt8](repeating: value, count: count) }

    private func written(_ disk: inout SimulatedDisk, _ content: [UInt8]) throws {
        try disk.create("file")
        try disk.write("file", at: 0, content.span.bytes)
        try disk.sync("file")
        try disk.syncDirectory("")
    }

    @Test func aCrashKeepsWhatWasSyncedAndAnyOfTheRest() throws {
        var base = SimulatedDisk(draws: Draws(seed: 3), place: 1)
        try written(&base, bytes(2048))
        let later = bytes(1024, 9)
        try base.write("file", at: 512, later.span.bytes)
        var seen: Set<[UInt8]> = []
        for seed in 0..<400 as Range<UInt64> {
            var disk = base
            var random = RandomSource(seed: seed)
            disk.crash(&random)
            let found = disk.contents("file")
            try #require(found.count == 2048)
            try #require(found[..<512].allSatisfy { $0 == 7 } && found[1536...].allSatisfy { $0 == 7 })
            seen.insert([found[512], found[1023], found[1024], found[1535]])
        }
        // Nothing, all, either sector alone, and a sector torn in the middle.
        #expect(seen.isSuperset(of: [[7, 7, 7, 7], [9, 9, 9, 9], [9, 9, 7, 7], [7, 7, 9, 9], [9, 7, 7, 7]]))
    }

    @Test func namesOfOneDirectoryChangeUpToAPointAndThoseOfAnotherIndependently() throws {
        var base = SimulatedDisk()
        try base.makeDirectory("journal")
        try base.syncDirectory("")
        try base.create("journal/a")
        try base.create("identity.tmp")
        try base.rename("journal/a", to: "journal/b")
        try base.rename("identity.tmp", to: "identity")
        var seen: Set<[String]> = []
        for seed in 0..<200 as Range<UInt64> {
            var disk = base
            var random = RandomSource(seed: seed)
            disk.crash(&random)
            seen.insert(disk.fileNames.filter { $0 != "journal" })
        }
        let expected: Set<[String]> = [
            [], ["journal/a"], ["journal/b"], ["identity.tmp"], ["identity"], ["identity.tmp", "journal/a"],
            ["identity.tmp", "journal/b"], ["identity", "journal/a"], ["identity", "journal/b"],
        ]
        #expect(seen == expected)
    }

    @Test func aDirectoryThatIsNotDurableTakesItsFilesAlong() throws {
        var disk = SimulatedDisk()
        try disk.makeDirectory("journal")
        try disk.create("journal/a")
        try disk.syncDirectory("journal")
        #expect(disk.durableCopy().fileNames == [])
        try disk.syncDirectory("")
        try disk.create("journal/b")
        try disk.syncDirectory("journal")
        #expect(disk.durableCopy().fileNames == ["journal", "journal/a", "journal/b"])
    }

    @Test func aFailedSyncPassesForCleanAndIsSeenUntilThePowerIsLost() throws {
        var lost = 0
        for seed in 0..<20 as Range<UInt64> {
            var disk = SimulatedDisk(draws: Draws(seed: seed))
            try written(&disk, bytes(600))
            let later = bytes(600, 9)
            try disk.write("file", at: 0, later.span.bytes)
            disk.faults.failingSyncs = 1
            #expect(throws: DiskError(.failed(code: 5))) { try disk.sync("file") }
            #expect(disk.hasFailed && disk.contents("file") == later)
            try disk.sync("file")
            if disk.durableCopy().contents("file") != later { lost += 1 }
        }
        #expect(lost > 5, "the second sync wrote nothing")
    }

    @Test func aFailedWriteMayHaveWrittenAPart() throws {
        var lengths: Set<Int> = []
        for seed in 0..<40 as Range<UInt64> {
            var disk = SimulatedDisk(draws: Draws(seed: seed))
            try disk.create("file")
            disk.faults.failingWrites = 1
            let content = bytes(1300)
            #expect(throws: DiskError(.failed(code: 5))) { try disk.write("file", at: 0, content.span.bytes) }
            lengths.insert(disk.contents("file").count)
        }
        #expect(lengths == [0, 512, 1024, 1300])
    }

    @Test func aFullDiskTakesWhatFitsAndOverwritesWhatIsThere() throws {
        var disk = SimulatedDisk()
        try written(&disk, bytes(1000))
        disk.faults.capacityBytes = 1500
        let content = bytes(900, 3)
        #expect(throws: DiskError(.spaceExhausted)) { try disk.write("file", at: 1000, content.span.bytes) }
        #expect(disk.contents("file").count == 1500 && disk.hasRefusedSpace && !disk.hasFailed)
        #expect(throws: DiskError(.spaceExhausted)) { try disk.create("other") }
        try disk.write("file", at: 100, content.span.bytes)
        disk.faults.capacityBytes = nil
        try disk.create("other")
    }

    @Test func shortReadsBringAtLeastOneByte() throws {
        var disk = SimulatedDisk(draws: Draws(seed: 5))
        try written(&disk, bytes(100))
        disk.faults.shortReadsPerTenThousand = 5_000
        func effect(_ number: UInt64, _ operation: DiskEffect.Operation) -> DiskEffect {
            DiskEffect(number: DiskNumber(number), operation: operation)
        }
        _ = disk.perform(effect(1, .open(FileID(1), name: "file")), bytes: [])
        var lengths: Set<Int> = []
        for number in 2..<100 as Range<UInt64> {
            let (completion, read) = disk.perform(effect(number, .read(FileID(1), offset: 10, count: 90)), bytes: [])
            #expect(completion.result == .success)
            lengths.insert(read.count)
        }
        #expect(lengths.contains(90) && lengths.count > 20 && !lengths.contains(0))
    }

    @Test func aStallHoldsEffectsAndSlownessStretchesThem() {
        var disk = SimulatedDisk()
        disk.faults.syncTime = .microseconds(100)...(.microseconds(100))
        let sync = DiskEffect(number: DiskNumber(1), operation: .sync(FileID(1)))
        #expect(disk.duration(of: sync, at: 0) == 100_000)
        disk.faults.slowFactor = 7
        #expect(disk.duration(of: sync, at: 0) == 700_000)
        disk.faults.stalledUntil = 5_000_000
        #expect(disk.duration(of: sync, at: 1_000_000) == 4_700_000)
        #expect(disk.duration(of: sync, at: 6_000_000) == 700_000)
    }

    @Test(arguments: CrashPoint.Moment.allCases) func thePowerGoesAtTheCallThatIsAsked(moment: CrashPoint.Moment) throws
    {
        var disk = SimulatedDisk()
        try written(&disk, bytes(100))
        disk.crashPoints = [CrashPoint(after: 1, moment)]
        let content = bytes(100, 9)
        try disk.write("file", at: 0, content.span.bytes)
        #expect(!disk.isCrashDue)
        #expect(throws: DiskError(.failed(code: 5))) { try disk.sync("file") }
        #expect(disk.isCrashDue)
        #expect(throws: DiskError(.failed(code: 5))) { try disk.syncDirectory("") }
        let durable = disk.durableCopy().contents("file")
        if moment == .before { #expect(durable == bytes(100)) }
        if moment == .after { #expect(durable == content) }
        disk.crash()
        #expect(!disk.isCrashDue)
        try disk.sync("file")
    }

    /// Two faults may wait for a write of one node: the one that comes first ends the process, whichever was asked for last.
    @Test(arguments: [true, false]) func ofTwoEndsThatAreToComeTheFirstOneComes(isSoonerFirst: Bool) throws {
        var disk = SimulatedDisk()
        try written(&disk, bytes(100))
        let points = [
            CrashPoint(after: 1, .before, losingPower: false, fault: 1), CrashPoint(after: 4, .before, fault: 2),
        ]
        disk.crashPoints = isSoonerFirst ? points : points.reversed()
        try disk.sync("file")
        #expect(throws: DiskError(.failed(code: 5))) { try disk.sync("file") }
        #expect(disk.isCrashDue && !disk.isPowerLossDue && disk.crashPoints.isEmpty)
    }

    @Test func contentsThatNothingRefersToAreGivenBack() throws {
        var disk = SimulatedDisk()
        for _ in 0..<100 {
            try disk.create("file.tmp")
            let content = bytes(100)
            try disk.write("file.tmp", at: 0, content.span.bytes)
            try disk.sync("file.tmp")
            try disk.rename("file.tmp", to: "file")
            try disk.syncDirectory("")
        }
        #expect(disk.allocatedBytes <= 200)
    }

    @Test func oneDisksDrawsLeaveAnothersAlone() throws {
        func durations(_ disk: inout SimulatedDisk) -> [UInt64] {
            let sync = DiskEffect(number: DiskNumber(1), operation: .sync(FileID(1)))
            return (0..<5).map { _ in disk.duration(of: sync, at: 0) }
        }
        var first = SimulatedDisk(draws: Draws(seed: 1), place: 0)
        var second = SimulatedDisk(draws: Draws(seed: 1), place: 1)
        let alone = durations(&second)
        second = SimulatedDisk(draws: Draws(seed: 1), place: 1)
        let before = durations(&first)
        #expect(durations(&second) == alone && before != alone)
    }
}
