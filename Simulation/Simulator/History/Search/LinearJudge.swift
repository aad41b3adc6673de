import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// Judges a history without any index: whether, for each lease name, there is an order of its calls that agrees with their
/// times and with what a lease is (property 17).
///
/// It knows nothing of logs, leaders or entries; it finds two holders at once, a grant that was lost, a read of the past, a
/// token that went back, a release that ended another's claim. Names do not touch one another, so each is judged alone,
/// within a bound of steps; one that is not decided within it is counted and not passed.
public struct LinearJudge: Sendable {
    /// How many steps a name may take.
    public var stepsMax = 100_000
    /// Names that are looked at: one in so many, by their order of appearance.
    public var oneNameIn = 1

    /// What came of it.
    public struct Judgement: Sendable {
        /// What has no order.
        public var violations: [Violation] = []
        /// Calls that were put in order.
        public var callsJudged = 0
        /// Names whose search took too many steps.
        public var undecided: [String] = []
        /// Steps of all searches.
        public var steps = 0
    }

    /// A judge with the usual bounds.
    public init() {}

    /// Judges.
    public func judge(_ history: History) -> Judgement {
        var judgement = Judgement()
        for (place, entry) in Names(of: history).all.enumerated() where place % max(1, oneNameIn) == 0 {
            judge(entry.name, entry.calls, history, &judgement)
        }
        return judgement
    }

    private func judge(_ name: String, _ calls: LeaseCalls, _ history: History, _ judgement: inout Judgement) {
        judgement.callsJudged += calls.calls.count
        func violate(_ number: Int, _ against: String) {
            let operation = history.operations[number]
            let isRead =
                switch operation.question {
                case .get, .list: true
                default: false
                }
            judgement.violations.append(
                Violation(
                    isRead ? 18 : 17, at: operation.completed, event: 0, by: "client \(operation.client)",
                    what: "call \(number): \(operation)", against: against))
        }
        if let double = calls.doubled.first {
            return violate(double.call, "token \(double.token) of \(name) was given before")
        }
        if let strange = calls.unexplained.first {
            return violate(strange.call, "no acquire of \(name) can have got token \(strange.token) beside the others")
        }
        var search = LinearSearch(calls.calls, calls.specification, stepsMax: stepsMax)
        let result = search.run()
        judgement.steps += search.steps
        switch result {
        case .linear: break
        case .undecided: judgement.undecided.append(name)
        case .impossible(let obstacle):
            let state =
                obstacle.state.token == 0
                ? "\(name) was never held"
                : "\(name) is \(obstacle.state.isHeld ? "held with" : "free after") \(obstacle.state.token)"
            let after = obstacle.after.map { " after call \($0): \(history.operations[$0])" } ?? ""
            violate(obstacle.call, state + after)
        }
    }
}

/// A history taken apart by lease names, in the order of their appearance.
private struct Names {
    var all: [(name: String, calls: LeaseCalls)] = []
    private var places: [String: Int] = [:]
    /// Which lease a claim was of, and which call a request was.
    private var nameOfClaim: [UInt64: String] = [:]
    private var callOfRequest: [RequestID: Int] = [:]
    /// When its own client first asked to undo an acquire.
    private var undoneFrom: [RequestID: UInt64] = [:]

    init(of history: History) {
        for (number, operation) in history.operations.enumerated() {
            if let request = operation.request { callOfRequest[request] = number }
            note(operation)
        }
        for operation in history.operations {
            guard case .cancel(let cancel) = operation.question, let target = callOfRequest[cancel.target],
                history.operations[target].client == operation.client
            else { continue }
            undoneFrom[cancel.target] = min(undoneFrom[cancel.target] ?? .max, operation.invoked)
        }
        for (number, operation) in history.operations.enumerated() { take(operation, number, history) }
        for telling in history.tellings { all[place(telling.name)].calls.told(telling) }
        for place in all.indices { all[place].calls.finish(areClocksTrusted: history.areClocksTrusted) }
    }

    private mutating func place(_ name: String) -> Int {
        if let place = places[name] { return place }
        places[name] = all.count
        all.append((name, LeaseCalls()))
        return all.count - 1
    }

    /// Learns names and whose claims are whose.
    private mutating func note(_ operation: Operation) {
        switch operation.question {
        case .acquire(let acquire, _):
            _ = place(acquire.name)
            if case .done(.outcome(.acquired(let claim, _))) = operation.result {
                nameOfClaim[claim.rawValue] = acquire.name
            }
        case .get(let name, _): _ = place(name)
        case .list:
            guard case .done(.page(let answer)) = operation.result else { return }
            for lease in answer.page.leases { _ = place(lease.name) }
        case .renew, .release, .cancel, .update, .changeSettings: break
        }
    }

    /// The lease of a claim that a call names, unless it names another lease than the claim's: that says nothing.
    private func lease(_ claim: ClaimID, named name: String) -> String? {
        guard let known = nameOfClaim[claim.rawValue] else { return name.isEmpty ? nil : name }
        return name.isEmpty || name == known ? known : nil
    }

    private mutating func take(_ operation: Operation, _ number: Int, _ history: History) {
        switch operation.question {
        case .acquire(let acquire, let isKept):
            let undone = operation.request.flatMap { undoneFrom[$0] }
            let mayBeUndone = undone.map { $0 <= operation.completed } ?? false
            all[place(acquire.name)].calls.acquire(
                acquire, isKept: isKept, mayBeUndone: mayBeUndone, operation, number)
        case .renew(let items):
            guard case .done(.renewed(let statuses)) = operation.result else { return }
            for (place, (item, status)) in zip(items, statuses).enumerated() {
                guard let name = lease(item.claim, named: item.name) else { continue }
                let until = place < operation.beliefs.count ? operation.beliefs[place] : 0
                all[self.place(name)].calls.renew(item.claim.rawValue, status, until: until, operation, number)
            }
        case .release(let claim):
            guard let name = lease(claim.claim, named: claim.name) else { return }
            all[place(name)].calls.release(claim.claim.rawValue, operation, number)
        case .cancel(let cancel):
            let target = callOfRequest[cancel.target].map { history.operations[$0] }
            guard case .acquire(let acquire, _) = target?.question else { return }
            guard cancel.name.isEmpty || cancel.name == acquire.name else { return }
            all[place(acquire.name)].calls.cancel(target, operation, number)
        case .update(let update):
            guard let name = lease(update.claim.claim, named: update.claim.name) else { return }
            all[place(name)].calls.update(update.claim.claim.rawValue, update.value, operation, number)
        case .changeSettings: break
        case .get(let name, let isStale):
            guard !isStale, case .done(.lease(let answer)) = operation.result else { return }
            all[place(name)].calls.read(answer.lease, operation, number)
        case .list(let prefix, let after, _, let isStale):
            guard !isStale, case .done(.page(let answer)) = operation.result else { return }
            readPage(prefix, after, answer.page, operation, number)
        }
    }

    private mutating func readPage(
        _ prefix: String, _ after: String, _ page: LeasePage, _ operation: Operation, _ number: Int
    ) {
        let last = page.leases.last?.name ?? after
        for place in all.indices {
            let name = all[place].name
            guard name.hasBytes(prefix), after.comesBefore(name) else { continue }
            if let lease = page.leases.first(where: { $0.name == name }) {
                all[place].calls.read(lease, operation, number)
            } else if !page.hasMore || name.comesBefore(last) {
                all[place].calls.read(nil, operation, number)
            }
        }
    }
}

extension String {
    /// Whether it begins with these bytes.
    func hasBytes(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Whether it comes before another in the order of bytes.
    func comesBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
