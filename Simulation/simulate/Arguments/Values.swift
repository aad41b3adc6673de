package import Simulator

/// A length of time in milliseconds: an integer with its unit, `500ms`, `15s`, `2m`, `1h`. A bare number is none: its
/// unit would be a guess. Nil when the text is no length of time, or longer than can be counted.
package func milliseconds(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits) else { return nil }
    let unit: Int
    switch text.dropFirst(digits.count) {
    case "ms": unit = 1
    case "s": unit = 1_000
    case "m": unit = 60_000
    case "h": unit = 3_600_000
    default: return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
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
    guard let first = UInt64(left), let last = UInt64(right), first <= last, left.first != "+", right.first != "+"
    else { throw complaint }
    return first...last
}

/// A profile that this build supports.
package func profile(_ text: String) throws(CommandFailure) -> Profile {
    guard let profile = Profile(rawValue: text) else {
        let names = Profile.allCases.map(\.rawValue)
        let hint =
            nearest(to: text, among: names).map { "did you mean \($0)?" }
            ?? "there are \(names.joined(separator: ", "))"
        throw CommandFailure("unknown profile '\(text)'; \(hint)")
    }
    return profile
}

extension Profile {
    /// Those that a fleet takes in turn: a seed's is its number modulo how many there are.
    package static var supported: [Profile] { allCases }
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
