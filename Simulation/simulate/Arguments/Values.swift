package import Simulator

/// A length of time in milliseconds: a number with its unit, `500ms`, `1.5s`, `2m`, `1h`. A bare number is none: its unit
/// would be a guess. Nil when the text is no length of time, no whole number of milliseconds, or longer than can be counted.
package func milliseconds(_ text: String) -> Int? {
    let number = text.prefix { $0 == "." || ("0"..."9").contains($0) }
    let unit: Int
    switch text.dropFirst(number.count) {
    case "ms": unit = 1
    case "s": unit = 1_000
    case "m": unit = 60_000
    case "h": unit = 3_600_000
    default: return nil
    }
    let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    // As many places as an hour has in milliseconds.
    guard let whole = Int(parts[0]), parts.count == 1 || (1...7).contains(parts[1].count) else { return nil }
    var (sum, overflow) = whole.multipliedReportingOverflow(by: unit)
    if parts.count == 2 {
        guard let places = Int(parts[1]) else { return nil }
        let scale = parts[1].reduce(1) { scale, _ in scale * 10 }
        guard places * unit % scale == 0, !overflow else { return nil }
        (sum, overflow) = sum.addingReportingOverflow(places * unit / scale)
    }
    return overflow ? nil : sum
}

/// A seed: a whole number that is not negative.
package func seed(_ text: String) throws(CommandFailure) -> UInt64 {
    guard let seed = UInt64(text), text.first != "+" else {
        throw CommandFailure("a seed is a whole number from 0 to \(UInt64.max), not '\(text)'")
    }
    return seed
}

/// A range of seeds, `A..B`, both included.
package func seeds(_ text: String) throws(CommandFailure) -> ClosedRange<UInt64> {
    let complaint = CommandFailure("--seeds takes a range such as 1..3000, not '\(text)'")
    guard let dots = text.firstRange(of: "..") else { throw complaint }
    let (left, right) = (text[..<dots.lowerBound], text[dots.upperBound...])
    guard let first = UInt64(left), let last = UInt64(right), left.first != "+", right.first != "+"
    else { throw complaint }
    guard first <= last else {
        throw CommandFailure("--seeds \(text) runs backward: \(last)..\(first) are the same seeds")
    }
    return first...last
}

/// A profile that this build supports.
package func profile(_ text: String) throws(CommandFailure) -> Profile {
    guard let profile = Profile(rawValue: text) else {
        let names = Profile.supported.map(\.rawValue)
        let hint =
            nearest(to: text, among: names).map { "did you mean \($0)?" }
            ?? "there are \(names.joined(separator: ", "))"
        throw CommandFailure("unknown profile '\(text)'; \(hint)")
    }
    guard profile.isSupported else { throw CommandFailure("profile \(text) is not supported yet") }
    return profile
}

extension Profile {
    /// Those that a fleet takes in turn: a seed's is its number modulo how many there are.
    package static var supported: [Profile] { allCases.filter(\.isSupported) }
}

/// The text as a shell takes it for one word.
package func shellQuoted(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "/._-=:,@%+".unicodeScalars.contains(scalar))
    }
    if isPlain && !text.isEmpty { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
