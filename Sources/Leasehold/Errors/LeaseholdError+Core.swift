internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdWire

extension LeaseholdError {
    /// What a refusal by the state machine, or by the door for what a request says, means to a caller.
    init(_ error: LeaseError) {
        switch error {
        case .nameInvalid: self = .refused(.nameInvalid)
        case .holderInvalid: self = .refused(.holderInvalid)
        case .valueTooLong: self = .refused(.valueTooLong)
        case .ttlOutOfRange(let shortest, let longest):
            self = .refused(.ttlOutOfRange(shortest: Duration(shortest), longest: Duration(longest)))
        case .capacityMismatch: self = .refused(.capacityMismatch)
        case .notSupported: self = .refused(.notSupported)
        case .held(let other):
            self = .refused(
                .held(
                    Holding(
                        name: other.name, holder: other.holder, token: Lease.Token(other.token),
                        remaining: Duration(other.remaining))))
        case .claimUnknown: self = .refused(.claimUnknown)
        case .ended(let reason): self = .refused(.ended(LeaseLost.Reason(reason)))
        case .tooOld: self = .refused(.tooOld)
        case .overloaded: self = .notDone(.unavailable("a limit of the cluster is reached", retryAfter: nil))
        case .quarantined(let remaining):
            let words = "the cluster was restored from a backup a short while ago"
            self = .notDone(.unavailable(words, retryAfter: Duration(remaining)))
        case .requestReused, .malformed, .settingInvalid: self = .refused(.malformed)
        }
    }

    /// What it means that a request was not even begun.
    init(_ error: SubmissionError) {
        switch error {
        case .tooManyRequests, .tooManyLeases: self = .notDone(.tooMany)
        case .invalid(let error): self.init(error)
        case .shutDown: self = .notDone(.stopped)
        }
    }

    /// What it means that a request was not done.
    init(_ reason: NotDone) {
        switch reason {
        case .unreachable(let code): self = .notDone(.unreachable(code?.name))
        case .refused(let refusal): self.init(refusal)
        case .declined(let error): self.init(error)
        case .givenUp: self = .notDone(.cancelled)
        case .shutDown: self = .notDone(.stopped)
        }
    }

    private init(_ refusal: LeaseholdWire.Refusal) {
        switch refusal.code {
        case .diskLow: self = .notDone(.diskLow)
        case .denied: self = .notDone(.denied)
        case .notSupported: self = .refused(.notSupported)
        case .malformed: self = .refused(.malformed)
        case .overloaded, .notReady, .shuttingDown, .deadlinePassed, .internalError, .memberUnknown, .handOverFailed,
            .losesQuorum, .notCaughtUp, .changeUnderWay, .memberRefused, .snapshotGone, .snapshotUnderWay,
            .levelUnsupported:
            let wait = refusal.retryAfter > .zero ? Duration(refusal.retryAfter) : nil
            let words = refusal.message.isEmpty ? refusal.code.name : refusal.message
            self = .notDone(.unavailable(words, retryAfter: wait))
        }
    }
}

extension LeaseLost.Reason {
    /// The cluster's reason for a claim's end.
    init(_ reason: EndReason) {
        self =
            switch reason {
            case .released: .released
            case .expired: .expired
            case .cancelled: .cancelled
            case .revoked: .revoked
            case .broken: .broken
            case .handedOver: .handedOver
            case .restored: .restored
            }
    }

    /// The client's reason for a loss.
    init(_ reason: LossReason) {
        self =
            switch reason {
            case .expiredLocally: .expiredLocally
            case .processPaused(let time): .processPaused(Duration(time))
            case .released: .released
            case .cancelled: .cancelled
            case .expired: .expired
            case .revoked: .revoked
            case .broken: .broken
            case .handedOver: .handedOver
            case .restored: .restored
            case .claimUnknown: .claimUnknown
            case .unauthorized: .unauthorized
            case .shutDown: .stopped
            case .workStalled: .workStalled
            }
    }
}

extension Duration {
    /// The same time in the library's own unit.
    init(_ time: Nanoseconds) { self = .nanoseconds(time.rawValue) }
}

extension Nanoseconds {
    /// The same time to the nanosecond, saturating; anything finer is dropped.
    init(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        self = .seconds(seconds) + Nanoseconds(attoseconds / 1_000_000_000)
    }
}
