import Simulator
import Testing

/// Every state that a crash may leave of a small journal; the larger ones are enumerated by the binary.
@Suite struct CrashStatesTests {
    @Test func whoeverEndsItIsToldThatItWasCutShort() {
        let report = CrashStates.run(.small, isOver: { true })
        #expect(report.isCutShort && report.points == 0 && report.violations == [])
    }

    @Test func aSmallLifeOutlivesEveryCrash() {
        let report = CrashStates.run(.small)
        #expect(report.violations == [])
        #expect(report.limited == 0 && report.points > 5 && report.depth >= 3)
        #expect(report.states > 5_000 && report.distinct > 300, "\(report)")
    }

    @Test(arguments: [DiskCall.sync, .syncDirectory]) func aDiskThatLiesIsFoundOut(call: DiskCall) {
        var disk = SimulatedDisk()
        disk.script.lying = call
        let report = CrashStates.run(.small, on: disk)
        #expect(!report.violations.isEmpty)
    }

    @Test func namesOfWorkloadsDiffer() {
        let names = CrashWorkload.all.map(\.name)
        #expect(Set(names).count == names.count && names.count >= 10)
    }
}
