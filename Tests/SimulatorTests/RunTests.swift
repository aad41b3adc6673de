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

    /// What would end the process is not reached, and all that comes before it is told.
    @Test func aRunThatIsEndedEarlyIsTheSameUntilThen() throws {
        let plan = Plan(profile: .swarm, seed: 42, trouble: 5_000)
        let (whole, part) = (TraceRecorder(), TraceRecorder())
        _ = Run(plan).run(recorder: whole)
        var run = Run(plan)
        run.abort = Run.Abort(event: 900, what: "was killed")
        // Even where the modules' own invariants are not looked at.
        run.disabled = [0]
        var begun: [UInt64] = []
        part.beforeEvent = { begun.append($0) }
        let report = run.run(recorder: part)
        let violation = try #require(report.violations.first)
        #expect(violation.property == 0 && violation.event == 900 && violation.what == "was killed")
        #expect(report.stuck == [] && report.figures.events == 900 && begun == Array(1...899))
        #expect(part.events == whole.events.filter { $0.event < 900 } && part.events.count > 100)
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
