import LeaseholdBase

/// A process's clocks against true time: a steady one that starts anywhere and has a rate, and people's time.
///
/// Between two changes of its rate it is a straight line.
struct SimulatedClock {
    /// Its rate against true time, in parts per million: zero is right, −1,000,000 stands still.
    private(set) var rate: Int64
    private var trueBase: UInt64
    private var ownBase: UInt64
    private var rateBeforeStop: Int64?
    /// By how many seconds people's time is wrong.
    var wallOffset: Int64 = 0

    /// A clock that shows `shown` at the beginning of true time.
    init(rate: Int64, showing shown: UInt64) {
        self.rate = rate
        trueBase = 0
        ownBase = shown
    }

    /// What both clocks say.
    func reading(at now: UInt64) -> TimeReading {
        let wall = Int64(1_700_000_000 + wallOffset) * 1_000_000_000 + Int64(now)
        return TimeReading(steady: SteadyTime(steady(at: now)), wall: WallTime(UInt64(max(0, wall))))
    }

    private func steady(at now: UInt64) -> UInt64 {
        let passed = Int64(now - trueBase)
        let drifted = passed / 1_000_000 * rate + passed % 1_000_000 * rate / 1_000_000
        return ownBase + UInt64(max(0, passed + drifted))
    }

    /// The first true time from now on at which the steady clock shows a reading, if its rate stays as it is.
    func trueTime(of shown: SteadyTime, after now: UInt64) -> UInt64 {
        guard shown != .never else { return .max }
        let own = steady(at: now)
        guard shown.rawValue > own else { return now }
        guard rate > -1_000_000 else { return .max }
        let wait = shown.rawValue - own
        let speed = UInt64(1_000_000 + rate)
        var at = now + wait / speed * 1_000_000 + wait % speed * 1_000_000 / speed
        while steady(at: at) < shown.rawValue { at += 1 }
        return at
    }

    /// From now on it runs at another rate.
    mutating func run(at rate: Int64, from now: UInt64) {
        ownBase = steady(at: now)
        trueBase = now
        self.rate = rate
    }

    /// The steady clock jumps forward.
    mutating func jump(by time: UInt64, at now: UInt64) {
        ownBase = steady(at: now) + time
        trueBase = now
    }

    /// The machine is suspended, and the clock with it.
    mutating func stop(at now: UInt64) {
        guard rateBeforeStop == nil else { return }
        let before = rate
        run(at: -1_000_000, from: now)
        rateBeforeStop = before
    }

    /// The machine goes on.
    mutating func goOn(at now: UInt64) {
        guard let before = rateBeforeStop else { return }
        rateBeforeStop = nil
        run(at: before, from: now)
    }
}
