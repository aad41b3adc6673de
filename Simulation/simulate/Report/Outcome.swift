package import Simulator

/// How the run of a seed ended, as seen from outside its process.
package enum Outcome: String, Codable, CaseIterable, Sendable {
    case passed, safety, liveness, linearizability, determinism, crash, timeout, empty

    /// What the run itself came to.
    package init(_ verdict: Verdict) {
        switch verdict {
        case .passed: self = .passed
        case .safety: self = .safety
        case .liveness: self = .liveness
        case .linearizability: self = .linearizability
        case .empty: self = .empty
        }
    }

    /// The exit status.
    package var exitCode: Int32 {
        switch self {
        case .passed: 0
        case .safety: 10
        case .liveness: 11
        case .linearizability: 12
        case .determinism: 13
        case .crash: 14
        case .timeout: 15
        case .empty: 16
        }
    }

    /// The exit status of what was asked for wrongly.
    package static let usageExitCode: Int32 = 1

    /// How bad it is: a fleet ends with the status of the worst.
    package var badness: Int {
        switch self {
        case .passed: 0
        case .empty: 1
        case .timeout: 2
        case .liveness: 3
        case .determinism: 4
        case .crash: 5
        case .linearizability: 6
        case .safety: 7
        }
    }
}
