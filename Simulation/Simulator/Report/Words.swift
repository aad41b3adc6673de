public import LeaseholdBase

/// A number of nanoseconds as seconds, with six places: `8.714447 s`.
public func seconds(_ nanoseconds: UInt64) -> String {
    let micros = String(nanoseconds / 1_000 % 1_000_000)
    return "\(nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 6 - micros.count))\(micros) s"
}

/// The same of a length of time.
public func seconds(_ length: Nanoseconds) -> String {
    (length.rawValue < 0 ? "-" : "") + seconds(length.rawValue.magnitude)
}

/// The same of a clock's reading.
func seconds(_ instant: some ClockInstant) -> String { seconds(instant.rawValue) }
