public import LeaseholdBase

/// Exactly once: what is decided about a command before it is looked at.
extension LeaseMachine {
    /// What becomes of a command.
    enum Admission {
        /// It is a duplicate, or refused: this is the answer, and nothing is done.
        case answered(Outcome)
        /// It is new, from the instance in this slot, which has it to remember.
        case new(owner: UInt32)
    }

    /// Judges a command by its request id (trap 24). In order: a malformed head, a request older than what may have
    /// been forgotten, one below its instance's mark, one that is known, one that there is no room to remember: for
    /// changes of settings there is some in reserve.
    mutating func admit(_ command: borrowing CommandView, into output: inout ApplyOutput) -> Admission {
        guard command.hasValidHead else { return .answered(.refused(.malformed)) }
        guard command.newestSeen >= floor else {
            marks.hit(.tooOldByFloor)
            return .answered(.refused(.tooOld))
        }
        let id = command.request
        let known = requests.instance(id.instance)
        if let known, id.sequence < requests.instances[known].mark {
            marks.hit(.tooOldByMark)
            return .answered(.refused(.tooOld))
        }
        if let found = requests.request(id) {
            let owner = requests.hear(id.instance, at: logTime)
            let answer = duplicate(command, of: found, into: &output)
            requests.raiseMark(owner, to: command.lowestUnanswered)
            return .answered(answer)
        }
        let reserve = command.kind == .settings ? Limits.operatorReserve : 0
        if known == nil, UInt64(requests.instances.count) >= settings.instances + reserve {
            return .answered(overloaded())
        }
        let owner = requests.hear(id.instance, at: logTime)
        requests.raiseMark(owner, to: command.lowestUnanswered)
        guard UInt64(requests.instances[owner].requestCount) < settings.requestsPerInstance + reserve else {
            return .answered(overloaded())
        }
        return .new(owner: owner)
    }

    /// There is no room.
    mutating func overloaded() -> Outcome {
        marks.hit(.overloaded)
        return .refused(.overloaded)
    }

    /// The answer to a request that is known: the present state of an acquire's claim, else the first answer.
    private mutating func duplicate(
        _ command: borrowing CommandView, of slot: UInt32, into output: inout ApplyOutput
    ) -> Outcome {
        let known = requests.requests[slot]
        if known.kind == .cancelledBefore {
            marks.hit(.cancelledAcquireRefused)
            return .refused(command.kind == .acquire ? .ended(.cancelled) : .requestReused)
        }
        guard known.content == command.contentHash else { return .refused(.requestReused) }
        if known.kind == .acquired {
            if let slot = claims.claim(known.claim) { _ = recordDue(onLease: claims.claims[slot].lease, into: &output) }
            let status = status(of: known.claim)
            if case .holding = status { marks.hit(.duplicateAcquire) } else { marks.hit(.duplicateOfEndedAcquire) }
            return .acquired(claim: known.claim, status)
        }
        marks.hit(.duplicateOther)
        var reader = ByteReader(requests.answer(slot))
        var statuses: [ClaimStatus] = []
        do {
            return try Outcome(decoding: &reader, statuses: &statuses)
        } catch {
            preconditionFailure("what was remembered was encoded here")
        }
    }

    /// How a claim stands at the last applied entry.
    public func status(of claim: ClaimID) -> ClaimStatus {
        if let slot = claims.claim(claim) {
            let record = claims.claims[slot]
            if isRestored(claim) { return .ended(.restored) }
            return record.deadline > logTime
                ? .holding(token: record.token, validFor: record.deadline - logTime) : .ended(.expired)
        }
        return endings.reason(of: claim).map { .ended($0) } ?? .unknown
    }
}

extension CommandView {
    /// Whether the request id and what comes with it make sense.
    var hasValidHead: Bool {
        request.instance.rawValue > 0 && request.sequence.rawValue > 0 && lowestUnanswered <= request.sequence
            && principal.byteCount <= Limits.principalBytes && Text.isPlain(principal)
    }

    /// A hash of all that the tries of a request must agree in: kind, principal and body.
    var contentHash: UInt64 {
        var hash = StateHash(.content)
        hash.add(UInt64(kind.rawValue))
        hash.add(principal)
        hash.add(content)
        return hash.half
    }
}
