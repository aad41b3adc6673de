import LeaseholdBase
import Simulator
import Testing

@Suite struct RunTests {
    @Test(arguments: 1...2 as ClosedRange<UInt64>) func clientsShareNamesInAQuietWorld(seed: UInt64) {
        let report = Run(Plan(profile: .quiet, seed: seed, trouble: 10_000)).run()
        #expect(report.violations == [] && report.stuck == [])
        #expect(report.figures.elections == 1 && report.figures.tenures > 5 && report.figures.writes > 5)
    }

    @Test(arguments: [Profile.smoke, .swarm, .clocks, .disks], 1...2 as ClosedRange<UInt64>)
    func nothingIsLostInTrouble(profile: Profile, seed: UInt64) {
        let report = Run(Plan(profile: profile, seed: seed, trouble: 8_000)).run()
        #expect(report.violations == [] && report.stuck == [])
        #expect(report.figures.elections > 0)
    }

    @Test func aSeedRunsTheSameTwiceAndWithSomebodyLooking() {
        let plan = Plan(profile: .swarm, seed: 42, trouble: 5_000)
        let recorder = TraceRecorder(keepsHashes: true)
        let (first, second) = (Run(plan).run(), Run(plan).run(recorder: recorder))
        #expect(first.hash == second.hash && first.figures == second.figures && first.figures.events > 1_000)
        #expect(recorder.hashes.count == Int(second.figures.events) && recorder.events.count > 1_000)
    }

    /// Random draws are asked for by name: a fault less leaves all that comes before it as it was.
    @Test func aFaultLeftOutChangesNothingBeforeIt() throws {
        let plan = Plan(profile: .swarm, seed: 5, trouble: 20_000)
        let last = try #require(plan.faults.last)
        var without = plan
        without.faults.removeLast()
        let (one, other) = (TraceRecorder(), TraceRecorder())
        _ = Run(plan).run(recorder: one)
        _ = Run(without).run(recorder: other)
        let before = UInt64(last.at) * 1_000_000
        let first = one.events.filter { $0.at < before }.map(\.text)
        #expect(first.count > 1_000)
        #expect(first == other.events.filter { $0.at < before }.map(\.text))
    }
}
