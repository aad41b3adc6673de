import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// What each call may have been told.
extension LogJudge {
    mutating func judge(_ number: Int) {
        let operation = history.operations[number]
        switch operation.question {
        case .get(_, let isStale), .list(_, _, _, let isStale): judgeRead(operation, number, isStale: isStale)
        case .renew(let items): judgeRenewal(operation, number, items)
        case .acquire, .cancel, .changeSettings: judgeRequest(operation, number, 17)
        case .release, .update: judgeRequest(operation, number, 15)
        }
    }

    /// A read saw all that was committed when it was asked, and nothing of what came after its answer.
    private mutating func judgeRead(_ operation: Operation, _ number: Int, isStale: Bool) {
        let index: LogIndex
        switch operation.result {
        case .done(.lease(let answer)): index = answer.preface.index
        case .done(.page(let answer)): index = answer.preface.index
        default: return
        }
        if let time = log.appliedAt(index), time > operation.completed {
            violate(18, number, "entry \(index) was applied at \(time / 1_000) us first")
        }
        guard !isStale else { return }
        let committed = log.committed(at: operation.invoked)
        if index < committed { violate(18, number, "entry \(committed) was committed before it was asked") }
    }

    /// A request has one effect, which its answer tells of; what was not done has none.
    private mutating func judgeRequest(_ operation: Operation, _ number: Int, _ property: Int) {
        let tries = operation.request.flatMap { attempts[$0] } ?? []
        let effects = tries.filter(\.isFirst)
        if effects.count > 1 {
            violate(20, number, "entries \(effects[0].index) and \(effects[1].index) both did it")
        }
        if let effect = effects.first, effect.appliedAt < operation.invoked {
            violate(20, number, "entry \(effect.index) did it before it was asked")
        }
        switch operation.result {
        case .unknown, .unanswered: break
        case .notDone:
            if let effect = effects.first, !doubtful.contains(number) {
                violate(20, number, "entry \(effect.index) did it: \(Operation.Answer.text(effect.outcome))")
            }
        case .done(.outcome(let outcome)):
            judgement.answersCompared += 1
            guard judgement.gap == nil else { return }
            if effects.isEmpty, outcome.tellsOfAnEffect {
                return violate(20, number, "no entry of the log did it")
            }
            let isTrue = tries.contains { attempt in
                (attempt.outcome == outcome || isUndone(operation, by: attempt.outcome, told: outcome))
                    && (operation.invoked...operation.completed).contains(attempt.appliedAt)
            }
            guard !isTrue else { return }
            let truth = tries.map {
                "entry \($0.index) at \($0.appliedAt / 1_000) us: \(Operation.Answer.text($0.outcome))"
            }
            violate(
                tries.contains { $0.outcome == outcome } ? 17 : property, number,
                truth.isEmpty ? "no entry of the log says so" : truth.joined(separator: "; "))
        case .done: violate(property, number, "that is no answer to the question")
        }
    }

    /// Whether a core kept a grant to itself, because its client had asked for the undoing of that acquire meanwhile.
    private func isUndone(_ operation: Operation, by outcome: Outcome, told: Outcome) -> Bool {
        guard case .acquired(let claim, .holding) = outcome, told == .acquired(claim: claim, .ended(.cancelled)),
            let request = operation.request
        else { return false }
        return history.operations.contains { other in
            guard case .cancel(let cancel) = other.question, other.client == operation.client else { return false }
            return cancel.target == request && (operation.invoked...operation.completed).contains(other.invoked)
        }
    }

    /// A renewal has no name in the log: one of the entries between its ends holds all its claims, and says this of them.
    private mutating func judgeRenewal(_ operation: Operation, _ number: Int, _ items: [Renewal]) {
        guard case .done(let answer) = operation.result else { return }
        guard case .renewed(let statuses) = answer, statuses.count == items.count else {
            return violate(15, number, "that is no answer to the question")
        }
        judgement.answersCompared += 1
        guard judgement.gap == nil, let first = items.first else { return }
        let window = operation.invoked...operation.completed
        let entries = (renewals[first.claim] ?? []).filter { window.contains($0.appliedAt) }
        let isTrue = entries.contains { entry in
            zip(items, statuses).allSatisfy { item, status in
                renewals[item.claim]?.contains {
                    $0.index == entry.index && $0.name == item.name && $0.status == status
                } ?? false
            }
        }
        guard !isTrue else { return }
        let truth = entries.map { "entry \($0.index): claim \(first.claim) \(Operation.Answer.text($0.status))" }
        violate(15, number, truth.isEmpty ? "no entry then renewed it" : truth.joined(separator: "; "))
    }

    /// What a core told of a lease that it keeps, a renewal in the log has said.
    mutating func judge(_ telling: Telling) {
        guard judgement.gap == nil else { return }
        judgement.answersCompared += 1
        let isTrue = (renewals[ClaimID(telling.token.rawValue)] ?? []).contains { renewed in
            guard renewed.appliedAt <= telling.at else { return false }
            switch (telling.news, renewed.status) {
            case (.held, .holding), (.unknown, .unknown): return true
            case (.ended(let told), .ended(let reason)): return told == reason
            default: return false
            }
        }
        guard !isTrue else { return }
        judgement.violations.append(
            Violation(
                15, at: telling.at, event: 0, by: "client \(telling.client)",
                what: "was told \(telling.news) of \(telling.name) with token \(telling.token)",
                against: "no renewal in the log has said that"))
    }
}

extension Outcome {
    /// Whether an entry of the log must have done what was asked, or refused it for good: a request that is older than
    /// what is remembered, or was undone before it came, leaves no trace of its own.
    fileprivate var tellsOfAnEffect: Bool {
        guard case .refused(let error) = self else { return true }
        return !error.settlesOnlyTheAttempt && error != .ended(.cancelled)
    }
}
