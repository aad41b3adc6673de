/// How a run ended.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// Everything held, and enough happened.
    case passed
    /// A property was violated.
    case safety
    /// After healing something did not happen in its time.
    case liveness
    /// What clients saw has no order in which it could have happened.
    case linearizability
    /// Nothing was violated, and too little happened for that to mean anything (property 26).
    case empty

    /// The exit status of a run that ended so.
    public var exitCode: Int32 {
        switch self {
        case .passed: 0
        case .safety: 10
        case .liveness: 11
        case .linearizability: 12
        case .empty: 16
        }
    }
}

/// What a run came to.
public struct Report: Sendable {
    /// The plan that was run.
    public var plan: Plan
    /// What contradicts a property, in the order it was found.
    public var violations: [Violation] = []
    /// What did not happen after healing though it should have.
    public var stuck: [String] = []
    /// How much of everything there was.
    public var figures = Figures()
    /// A hash over all that happened.
    public var hash: UInt64 = 0
    /// Which marks of the production code were hit.
    public var coverage = Coverage()
    /// Each node in one line, at the end.
    public var nodes: [String] = []
    /// The faults that were under way at the end of the run or at the violation.
    public var activeFaults: [String] = []
    /// The latest of what happened, for people.
    public var latest: [String] = []

    /// A report that says nothing yet.
    public init(plan: Plan) { self.plan = plan }

    /// How it ended.
    public var verdict: Verdict {
        if let first = violations.first { return first.verdict }
        if !stuck.isEmpty { return .liveness }
        return figures.lacking(in: plan).isEmpty ? .passed : .empty
    }
}
