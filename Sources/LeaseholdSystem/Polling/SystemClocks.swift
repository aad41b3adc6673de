internal import CLeaseholdSystem
public import LeaseholdBase

/// The clocks of this machine. Drivers read them and hand the readings to the pure code.
public enum SystemClocks {
    /// The clock for decisions. It counts the time in which the machine was suspended (trap 67).
    public static var steady: SteadyTime { SteadyTime(leasehold_clock_steady()) }
    /// The clock for people.
    public static var wall: WallTime { WallTime(leasehold_clock_wall()) }
    /// Both.
    public static var now: TimeReading { TimeReading(steady: steady, wall: wall) }

    /// Does nothing for so long. Not for a loop's thread.
    public static func sleep(_ time: Nanoseconds) {
        if time > .zero { leasehold_sleep(time.rawValue) }
    }
}
