internal import LeaseMachine
internal import Leasehold
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem
internal import LeaseholdWire

/// What answers do to lanes.
extension LoadDriver {
    /// The lane's request is answered, or has no answer.
    mutating func completed(_ lane: Int, _ result: RequestResult, at now: SteadyTime) throws(SystemError) {
        lanes[lane].request = nil
        underWay -= 1
        switch result {
        case .done(let answer): try answered(lane, answer, at: now)
        case .notDone(let reason):
            notDone(lane, CommandFailure(reason, asking: endpoints, within: plan.timeout), at: now)
        case .unknown:
            underWay += 1
            try lost(lane, at: now)
            next(lane, at: now)
        }
    }

    private mutating func answered(_ lane: Int, _ answer: RequestAnswer, at now: SteadyTime) throws(SystemError) {
        switch (lanes[lane].step, answer) {
        case (.connecting, .lease): beginNext(lane, at: now)
        case (.preparing, .acquired(let acquired)), (.acquiring, .acquired(let acquired)):
            try self.acquired(lane, acquired, at: now)
        case (.renewing, .renewed(let range)): try renewed(lane, range, at: now)
        case (.releasing, .outcome(.released(_, let reason))): try released(lane, reason, at: now)
        case (.reading, .lease(let lease)):
            tally.acknowledged(1, began: lanes[lane].began, at: now)
            try record(.read, lane, lease.lease.name, lease.lease.holders.first.map { ($0.claim, $0.token) }, now)
            next(lane, at: now)
        default: notDone(lane, ClientSession.unexpected(answer), at: now)
        }
    }

    private mutating func acquired(_ lane: Int, _ acquired: Acquired, at now: SteadyTime) throws(SystemError) {
        guard case .holding(let token, _) = acquired.status else {
            if case .ended(let reason) = acquired.status { return notDone(lane, .ended(reason), at: now) }
            return notDone(lane, CommandFailure(.internal, "the acquire was answered by \(acquired.status)"), at: now)
        }
        let name = lanes[lane].name
        try record(.acquire, lane, name, (acquired.claim, token), now)
        granted(sent: acquired.sent, at: now)
        if lanes[lane].step == .preparing || plan.workload == .cycle {
            lanes[lane].hold(Lane.Holding(name: name, claim: acquired.claim, token: token))
        }
        if lanes[lane].step == .preparing { return beginNext(lane, at: now) }
        if plan.workload == .cycle, phase == .running || phase == .draining { return release(lane, at: now) }
        tally.acknowledged(1, began: lanes[lane].began, at: now)
        next(lane, at: now)
    }

    private mutating func renewed(_ lane: Int, _ range: Range<Int>, at now: SteadyTime) throws(SystemError) {
        let core = lanes[lane].core
        guard range.count == lanes[lane].holdings.count else {
            return notDone(lane, CommandFailure(.internal, "a renewal's answer has another length"), at: now)
        }
        var held = 0
        var firstEnd: ClaimStatus?
        for (position, place) in range.enumerated() {
            let status = loop.cores[core].renewals[place].status
            guard case .holding(let token, _) = status else {
                firstEnd = firstEnd ?? status
                continue
            }
            held += 1
            let holding = lanes[lane].holdings[position]
            if log != nil { try record(.renew, lane, holding.name, (holding.claim, token), now) }
        }
        if held > 0 { tally.acknowledged(held, began: lanes[lane].began, at: now) }
        if let firstEnd {
            // What is lost is acquired anew, under other names.
            if case .ended(let reason) = firstEnd {
                tally.failed(range.count - held, CommandFailure.ended(reason))
            } else {
                tally.failed(range.count - held, CommandFailure(LeaseError.claimUnknown))
            }
            lanes[lane].drop()
        }
        next(lane, at: now)
    }

    private mutating func released(_ lane: Int, _ reason: EndReason, at now: SteadyTime) throws(SystemError) {
        if let holding = lanes[lane].holdings.last {
            try record(.release, lane, holding.name, (holding.claim, nil), now)
        }
        lanes[lane].drop()
        if reason == .released {
            tally.acknowledged(1, began: lanes[lane].began, at: now)
        } else {
            tally.failed(1, CommandFailure.ended(reason))
        }
        next(lane, at: now)
    }

    /// Something else than success was answered, or no node was reached.
    private mutating func notDone(_ lane: Int, _ failure: CommandFailure, at now: SteadyTime) {
        if !failure.mayPass { fatal = fatal ?? failure }
        let step = lanes[lane].step
        if step == .connecting || step == .preparing {
            fatal = fatal ?? failure
            return
        }
        tally.failed(step == .renewing ? lanes[lane].holdings.count : 1, failure)
        if step == .acquiring || step == .releasing { rename(lane) }
        next(lane, at: now)
    }

    /// Nobody knows what came of the lane's request.
    mutating func lost(_ lane: Int, at now: SteadyTime) throws(SystemError) {
        underWay -= 1
        lanes[lane].request = nil
        switch lanes[lane].step {
        case .idle, .connecting: return
        case .preparing: return lanes[lane].drop()
        case .acquiring, .reading: tally.lost(1)
        case .renewing: return tally.lost(lanes[lane].holdings.count)
        case .releasing:
            tally.lost(1)
            if let log, let holding = lanes[lane].holdings.last {
                try log.record(
                    OperationLog.Line(
                        .unknown, name: holding.name, claim: holding.claim, token: holding.token,
                        sent: lanes[lane].sent, replied: nil, ttl: nil))
            }
        }
        if plan.workload != .read { rename(lane) }
    }

    private func record(
        _ operation: OperationLog.Operation, _ lane: Int, _ name: String, _ claim: (ClaimID, FencingToken?)?,
        _ now: SteadyTime
    ) throws(SystemError) {
        guard let log else { return }
        let isExtended = operation == .acquire || operation == .renew
        try log.record(
            OperationLog.Line(
                operation, name: name, claim: claim?.0, token: claim?.1, sent: lanes[lane].sent, replied: now,
                ttl: isExtended ? plan.ttl : nil))
    }
}
