/// Whether runs together took every branch that has a mark: a branch that no run takes is one that no run checks.
public struct CoverageVerdict: Hashable, Sendable {
    /// So many seeds of all profiles are expected to hit every mark that is no exception.
    public static let seedsAtLeast = 2_000

    /// How many marks may be hit.
    public let expected: Int
    /// Those of them that never were.
    public let never: [String]
    /// Marks that were hit though nothing should: their row in the table of exceptions is out of date.
    public let surprises: [String]

    /// Judges what was hit.
    public init(_ coverage: Coverage) {
        let hit = coverage.names
        let spared = CoverageException.all.filter { $0.seedsAtLeast == nil }.map(\.mark)
        let due = Coverage.everything.names.filter { !spared.contains($0) }
        expected = due.count
        never = due.filter { !hit.contains($0) }
        surprises = spared.filter { hit.contains($0) }
    }

    /// Those never hit that so many seeds of all profiles should have hit.
    public func missing(after seeds: Int) -> [String] {
        never.filter { mark in
            let exception = CoverageException.all.first { $0.mark == mark }
            return seeds >= exception?.seedsAtLeast ?? Self.seedsAtLeast
        }
    }

    /// For people, in one line.
    public var line: String {
        var line = "\(expected - never.count) of \(expected) hit"
        if !never.isEmpty { line += "; never: " + never.joined(separator: " ") }
        if !surprises.isEmpty { line += "; hit though out of reach: " + surprises.joined(separator: " ") }
        return line
    }
}
