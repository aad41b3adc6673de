import LeaseholdBase

/// A process's clocks against true time: a steady one that starts anywhere and has a rate, and people's time.
///
/// Between two changes of its rate it is a straight line.
struct SimulatedClock {
    /// Its own rate against true time, in parts per million: zero is right.
    private let ownRate: Int64
    /// What a fault makes of it.
    private var wrongRate: Int64?
    /// How many suspensions of its machine there are at once: it stands still in all of them.
    private var stops = 0
    private var trueBase: UInt64 = 0
    private var ownBase: UInt64
    /// By how many seconds people's time is wrong.
    private var wallOffset: Int64 = 0
    /// By how many it can be: some hundred years.
    private static let wallOffsetMost: Int64 = 4_000_000_000

    /// A clock that shows `shown` at the beginning of true time.
    init(rate: Int64, showing shown: UInt64) {
        ownRate = rate
        ownBase = shown
    }

    /// Its rate now; −1,000,000 stands still.
    var rate: Int64 { stops > 0 ? -1_000_000 : wrongRate ?? ownRate }

    /// Whether a fault makes it run at another rate than its own.
    var isWrong: Bool { wrongRate != nil }

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

    /// From here on it goes on from what it shows.
    private mutating func rebase(at now: UInt64) {
        ownBase = steady(at: now)
        trueBase = now
    }

    /// From now on it runs at another rate; nil: at its own again.
    mutating func run(at rate: Int64?, from now: UInt64) {
        rebase(at: now)
        wrongRate = rate.map { max(-900_000, $0) }
    }

    /// The steady clock jumps forward.
    mutating func jump(by time: UInt64, at now: UInt64) {
        rebase(at: now)
        ownBase += time
    }

    /// People's time jumps by some seconds.
    mutating func jumpWall(by seconds: Int64) {
        wallOffset = max(-Self.wallOffsetMost, min(Self.wallOffsetMost, wallOffset + seconds))
    }

    /// The machine is suspended, and the clock with it.
    mutating func stop(at now: UInt64) {
        rebase(at: now)
        stops += 1
    }

    /// The machine goes on.
    mutating func goOn(at now: UInt64) {
        rebase(at: now)
        stops = max(0, stops - 1)
    }
}
