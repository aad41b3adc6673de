internal import LeaseholdBase

/// Looks names up on a thread of its own: a name server that does not answer must not stop a node's heartbeats.
final class Resolver: Sendable {
    struct Answer: Sendable {
        let id: ConnectionID
        let result: Result<[SocketAddress], ResolutionError>
    }

    private struct State: Sendable {
        var waiting: [(id: ConnectionID, endpoint: Endpoint)] = []
        var answers: [Answer] = []
        var isStopping = false
    }

    private static var waitingMax: Int { 256 }
    private let state: Monitor<State>
    let wakeUp: WakeUp

    init() throws(SystemError) {
        let state = Monitor(State())
        let wakeUp = try WakeUp()
        self.state = state
        self.wakeUp = wakeUp
        // Never joined: it may be inside a look-up that takes as long as it likes. It holds only what it needs.
        _ = try SystemThread(name: "resolver") { Self.work(state, wakeUp) }
    }

    deinit { state.change { $0.isStopping = true } }

    /// Asks for the addresses; false when too many questions are waiting already.
    func ask(_ endpoint: Endpoint, for id: ConnectionID) -> Bool {
        state.change { state in
            guard state.waiting.count < Self.waitingMax else { return false }
            state.waiting.append((id, endpoint))
            return true
        }
    }

    func takeAnswers() -> [Answer] {
        wakeUp.clear()
        return state.withLock { state in
            defer { state.answers = [] }
            return state.answers
        }
    }

    private static func work(_ state: Monitor<State>, _ wakeUp: WakeUp) {
        while true {
            let next: (id: ConnectionID, endpoint: Endpoint)?? = state.wait { state in
                if state.isStopping { return .some(.none) }
                return state.waiting.isEmpty ? nil : .some(.some(state.waiting.removeFirst()))
            }
            guard case .some(.some(let question)) = next else { return }
            let result: Result<[SocketAddress], ResolutionError>
            do { result = .success(try question.endpoint.resolve()) } catch { result = .failure(error) }
            state.withLock { $0.answers.append(Answer(id: question.id, result: result)) }
            wakeUp.signal()
        }
    }
}
