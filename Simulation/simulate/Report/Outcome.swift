package import Simulator

/// How the run of a seed ended, as seen from outside its process.
package enum Outcome: String, Codable, CaseIterable, Sendable {
    case passed, safety, liveness, linearizability, determinism, crash, timeout, empty
    /// Ctrl-C was pressed before it had ended.
    case interrupted

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
        case .interrupted: 130
        }
    }

    /// The exit status of what was asked for wrongly.
    package static let usageExitCode: Int32 = 1

    /// How bad it is: a fleet ends with the status of the worst.
    package var badness: Int {
        switch self {
        case .passed: 0
        case .interrupted: 1
        case .empty: 2
        case .timeout: 3
        case .liveness: 4
        case .determinism: 5
        case .crash: 6
        case .linearizability: 7
        case .safety: 8
        }
    }
}
