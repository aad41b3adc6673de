import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire

/// What a recorder is told of a client.
extension SimulatedClient {
    /// A tenure that the client believes in.
    struct Belief: Hashable {
        var name: String
        var token: FencingToken
        /// Until when, on its own clock.
        var until: SteadyTime
    }

    /// A request that it waits for.
    struct Request {
        var handle: RequestHandle
        /// What it asks for.
        var words: String
    }

    /// A request's end for people.
    static func words(_ result: RequestResult) -> String {
        switch result {
        case .unknown: "outcome unknown"
        case .notDone: "not done"
        case .done(.acquired(let acquired)): "\(acquired.status)"
        case .done(.outcome(.refused(let error))): "refused, \(error.code)"
        case .done(.outcome(let outcome)): "\(outcome)"
        case .done(.lease(let answer)):
            "held with \(answer.lease.holders.map(\.token)) as of \(answer.preface.index)"
        case .done: "done"
        }
    }
}
