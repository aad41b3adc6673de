internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdWire

/// Calls: from the caller to the core, and back.
extension ClientEngine {
    mutating func submit(_ call: Call, _ continuation: CheckedContinuation<CallResult, Never>, _ now: SteadyTime) {
        if call.isGivenUp, !call.request.outlivesItsCaller {
            return continuation.resume(returning: .failure(.notDone(.cancelled)))
        }
        let handle: RequestHandle
        do throws(SubmissionError) { handle = try request(call, now) } catch {
            return continuation.resume(returning: .failure(LeaseholdError(error)))
        }
        open(OpenCall(handle: handle, call: call, continuation: continuation))
        if call.isGivenUp { letGo(Int(handle.slot)) }
    }

    /// The request of a call is under way.
    private mutating func open(_ call: OpenCall) {
        call.call.handle = call.handle
        let place = Int(call.handle.slot)
        while calls.count <= place { calls.append(nil) }
        // The core may have ended the request that was there, and has not told so yet.
        if let former = calls[place] { displaced.append(former) }
        calls[place] = call
    }

    /// The call of a request that has ended; nil when nobody waits for it.
    private mutating func close(_ handle: RequestHandle) -> OpenCall? {
        let place = Int(handle.slot)
        if place < calls.count, let open = calls[place], open.handle == handle {
            calls[place] = nil
            return open
        }
        return displaced.firstIndex { $0.handle == handle }.map { displaced.remove(at: $0) }
    }

    private mutating func request(_ call: Call, _ now: SteadyTime) throws(SubmissionError) -> RequestHandle {
        let timeout = call.timeout
        switch call.request {
        case .acquire(let acquire, _, _):
            return try loop.cores[0].acquire(acquire, keep: true, timeout: timeout, now: now)
        case .release(let tenure):
            return try tenures.release(tenure, timeout: timeout, &loop.cores[0], now: now)
        case .update(let tenure, let value):
            let claim = ClaimReference(claim: tenure.facts.claim, name: tenure.name)
            let update = Update(claim: claim, value: value)
            return try loop.cores[0].update(update, timeout: timeout, now: now)
        case .get(let name, let isStale):
            return try loop.cores[0].get(name: name, stale: isStale, timeout: timeout, now: now)
        case .list(let prefix, let after, let limit, let isStale):
            return try loop.cores[0].list(
                prefix: prefix, after: after, limit: limit, stale: isStale, timeout: timeout, now: now)
        }
    }

    /// The caller does not wait any more. Which of the two comes first, the call or its being given up, is open.
    mutating func giveUp(_ call: Call, _ now: SteadyTime) {
        call.isGivenUp = true
        guard let handle = call.handle else { return }
        let place = Int(handle.slot)
        guard place < calls.count, let open = calls[place], open.handle == handle else { return }
        if call.request.outlivesItsCaller {
            letGo(place)
        } else {
            loop.cores[0].giveUp(handle, now: now)
        }
    }

    /// Answers the caller; the request goes on.
    private mutating func letGo(_ place: Int) {
        guard let open = calls[place] else { return }
        calls[place] = nil
        tenures.nobodyWaits(for: open.handle)
        open.continuation.resume(returning: .failure(.unknown(.cancelled)))
    }

    /// Takes what the core tells.
    mutating func take(_ effect: ClientEffect) {
        switch effect {
        case .completed(let handle, let result):
            tenures.completed(handle, result)
            guard let open = close(handle) else { return }
            open.continuation.resume(returning: answer(to: open.call, result))
        case .leaseChanged(let handle, let state): changed(handle, state)
        case .clusterChanged(let old, let new):
            thread.courier.tell(.clusterChanged(from: old.description, to: new.description))
        case .dial, .abandon, .send, .close: break
        }
    }

    private mutating func answer(to call: Call, _ result: RequestResult) -> CallResult {
        switch result {
        case .notDone(.givenUp): .failure(.notDone(call.isGivenUp ? .cancelled : .stopped))
        case .notDone(let reason): .failure(LeaseholdError(reason))
        case .unknown: .failure(.unknown(call.isGivenUp ? .cancelled : stopLimit == nil ? .timedOut : .stopped))
        case .done(let answer): self.answer(to: call, answer)
        }
    }

    private mutating func answer(to call: Call, _ answer: RequestAnswer) -> CallResult {
        switch answer {
        case .acquired(let acquired): began(call, acquired)
        case .lease(let lease): .success(.lease(lease))
        case .page(let page): .success(.page(page))
        case .outcome(.released(_, let reason)): .success(.ended(LeaseLost.Reason(reason)))
        case .outcome(.updated): .success(.updated)
        case .outcome(.refused(.ended(let reason))):
            // To a release that is an answer like another: the claim is over.
            if case .release = call.request {
                .success(.ended(LeaseLost.Reason(reason)))
            } else {
                .failure(.refused(.ended(LeaseLost.Reason(reason))))
            }
        case .outcome(.refused(let error)): .failure(LeaseholdError(error))
        case .outcome, .renewed, .status, .settings, .transferred, .members, .snapshot: .failure(.refused(.malformed))
        }
    }
}
