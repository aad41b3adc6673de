internal import LeaseholdBase
package import LeaseholdReplica
internal import LeaseholdSystem

/// Lines for the operator on stderr: time, level, event and what belongs to it. None in steady state.
package struct LogWriter: Sendable {
    /// It has no state.
    package init() {}

    /// Writes one line: `2026-11-21T06:50:00.123Z info leader leading term 4`.
    package func write(_ line: LogLine) {
        let time = Self.timestamp(SystemClocks.wall.rawValue)
        _ = StandardStream.error.write("\(time) \(line.level.rawValue) \(line.event) \(line.message)\n")
    }

    /// A point of people's time as RFC 3339, in UTC and to the millisecond.
    static func timestamp(_ nanoseconds: UInt64) -> String {
        let days = nanoseconds / 86_400_000_000_000
        let inDay = nanoseconds % 86_400_000_000_000
        let (year, month, day) = civil(days)
        let second = inDay / 1_000_000_000
        return "\(year)-\(two(month))-\(two(day))T\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))."
            + "\(padded(inDay / 1_000_000 % 1_000, to: 3))Z"
    }

    /// The date so many days after 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    private static func civil(_ days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func two(_ number: UInt64) -> String { padded(number, to: 2) }

    private static func padded(_ number: UInt64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
