internal import LeaseholdBase

/// A process: it has a clock of its own, an inbox, and takes turns as the real loop does.
public class SimulatedProcess {
    /// Its place in the world.
    let place: Int
    /// For a report.
    public let label: String
    /// How often it was started.
    var life = 0
    /// Whether it runs.
    public internal(set) var isUp = false
    /// Until when it is stopped by a signal, in true time: it takes no turn, and its clock runs on.
    var stoppedUntil: UInt64 = 0
    /// What arrived since its last turn.
    var inbox: [Input] = []
    /// Whether its next turn is on its way.
    var isTurnScheduled = false
    /// When it is woken though nothing arrives.
    var wakeAt = UInt64.max
    /// Its clock's rate against true time, in parts per million.
    let driftPartsPerMillion: Int64
    private let clockBase: UInt64

    init(place: Int, label: String, drift: Int64, clockBase: UInt64) {
        self.place = place
        self.label = label
        self.driftPartsPerMillion = drift
        self.clockBase = clockBase
    }

    /// What its clocks say at a point of true time.
    func reading(at trueTime: UInt64) -> TimeReading {
        let drifted = Int64(trueTime / 1_000) * driftPartsPerMillion / 1_000
        let steady = UInt64(Int64(clockBase + trueTime) + drifted)
        return TimeReading(steady: SteadyTime(steady), wall: WallTime(1_700_000_000_000_000_000 + trueTime))
    }

    /// When, in true time, its clock shows a reading; never before that, and up to a microsecond late.
    func trueTime(of steady: SteadyTime, after now: UInt64) -> UInt64 {
        guard steady != .never else { return .max }
        let own = reading(at: now).steady
        guard steady > own else { return now }
        let wait = UInt64((steady - own).rawValue)
        // A clock that is slow shows a time later: the wait is stretched by a little more than its drift.
        return now + wait + wait / 1_000_000 * UInt64(max(0, -driftPartsPerMillion)) + wait / 10_000 + 1_000
    }

    /// Hands in what arrived and takes the turn.
    func takeTurn(_ world: World) {}

    /// When it wants its next turn, on its own clock.
    var deadline: SteadyTime { .never }
}
