import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore

/// What a client sees, written into the world's history.
extension SimulatedClient {
    /// A call was made; answers what it is known by.
    @discardableResult
    func asked(
        _ question: Operation.Question, _ purpose: Purpose, _ world: World,
        _ ask: (inout ClientCore) throws(SubmissionError) -> RequestHandle?
    ) -> RequestHandle? {
        // What is refused before it is sent was not asked.
        guard let handle = try? core?.perform(ask) else { return nil }
        let number = world.history.begin(question, by: number, at: world.now)
        underWay.append(Call(handle: handle, purpose: purpose, number: number, words: "\(question)"))
        return handle
    }

    /// A call was made that says nothing of leases.
    func inquired(
        _ words: String, _ purpose: Purpose,
        _ ask: (inout ClientCore) throws(SubmissionError) -> RequestHandle?
    ) {
        guard let handle = try? core?.perform(ask) else { return }
        underWay.append(Call(handle: handle, purpose: purpose, number: nil, words: words))
    }

    /// Requests get their names when they are sent first.
    func nameCalls(_ world: World) {
        for call in underWay {
            guard let number = call.number, let request = core?.requestID(of: call.handle) else { continue }
            world.history.name(number, request)
        }
    }

    /// A call was answered.
    func write(_ result: RequestResult, of call: Call, _ world: World) {
        // What an older reading of the clock still lets the core believe, nobody else does.
        let now = clockNow(world)
        var beliefs: [UInt64] = []
        let written: Operation.Result
        switch result {
        case .unknown: written = .unknown
        case .notDone: written = .notDone
        case .done(.acquired(let acquired)):
            beliefs = [belief(acquired.heldUntil, world, now)]
            written = .done(.outcome(.acquired(claim: acquired.claim, acquired.status)))
        case .done(.renewed(let range)):
            let renewals = core?.renewals[range] ?? []
            beliefs = renewals.map { belief($0.heldUntil, world, now) }
            written = .done(.renewed(renewals.map(\.status)))
        case .done(.outcome(let outcome)): written = .done(.outcome(outcome))
        case .done(.lease(let answer)): written = .done(.lease(answer))
        case .done(.page(let answer)): written = .done(.page(answer))
        case .done(.status), .done(.settings), .done(.transferred), .done(.members), .done(.snapshot): return
        }
        guard let number = call.number else { return }
        world.history.end(number, written, beliefs: beliefs, at: world.now)
    }

    /// A core told something of a lease that it keeps, because the cluster has said so.
    func write(_ state: LeaseState, of tenure: Held, _ world: World, _ now: SteadyTime) {
        let news: Telling.News
        switch state {
        case .held(let until): news = .held(until: belief(until, world, now))
        case .lost(.expired): news = .ended(.expired)
        case .lost(.claimUnknown): news = .unknown
        default: return
        }
        world.history.tell(
            Telling(client: number, at: world.now, name: tenure.name, token: tenure.token, news: news))
    }

    private func belief(_ until: SteadyTime, _ world: World, _ now: SteadyTime) -> UInt64 {
        until > now ? trueEnd(of: until, world) : 0
    }
}

extension ClientCore {
    fileprivate mutating func perform(
        _ ask: (inout ClientCore) throws(SubmissionError) -> RequestHandle?
    ) throws(SubmissionError) -> RequestHandle? {
        try ask(&self)
    }
}
