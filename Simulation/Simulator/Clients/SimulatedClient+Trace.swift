import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire

/// What a recorder is told of a client.
extension SimulatedClient {
    /// A request that it waits for.
    struct Request {
        var handle: RequestHandle
        /// What it asks for.
        var words: String
    }

    var requests: [Request] { underWay.map { Request(handle: $0.handle, words: $0.words) } }

    /// A request's end for people.
    static func words(_ result: RequestResult) -> String {
        switch result {
        case .unknown: "outcome unknown"
        case .notDone: "not done"
        case .done(.acquired(let acquired)): Operation.Answer.text(acquired.status)
        case .done(.outcome(let outcome)): Operation.Answer.text(outcome)
        case .done(.lease(let answer)): Operation.Answer.text(answer.lease) + ", as of \(answer.preface.index)"
        case .done: "done"
        }
    }
}
