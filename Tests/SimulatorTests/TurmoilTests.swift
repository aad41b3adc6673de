import LeaseholdBase
import Simulator
import Testing

@Suite struct TurmoilTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func clientsShareNamesInAQuietWorld(seed: UInt64) {
        var turmoil = Turmoil(seed: seed)
        turmoil.faults = []
        turmoil.trouble = .seconds(10)
        let report = turmoil.run()
        #expect(report.violations == [] && report.stuck == [])
        #expect(report.elections == 1 && report.tenures > 5 && report.writes > 5)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func nothingIsLostInTurmoil(seed: UInt64) {
        var turmoil = Turmoil(seed: seed)
        turmoil.nodes = seed % 3 == 0 ? 5 : 3
        turmoil.trouble = .seconds(15)
        let report = turmoil.run()
        #expect(report.violations == [] && report.stuck == [])
        #expect(report.elections > 0)
    }

    @Test func aSeedRunsTheSameTwice() {
        var turmoil = Turmoil(seed: 42)
        turmoil.trouble = .seconds(5)
        let (first, second) = (turmoil.run(), turmoil.run())
        #expect(first.traceHash == second.traceHash && first.events == second.events && first.events > 1_000)
    }
}
