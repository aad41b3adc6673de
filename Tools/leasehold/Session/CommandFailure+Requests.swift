package import LeaseMachine
package import LeaseholdBase
package import LeaseholdClientCore
package import LeaseholdSystem
internal import LeaseholdWire

/// What a client knows of a request, as the command line's codes have it.
extension CommandFailure {
    /// The state machine, or the door, refused what was asked.
    package init(_ error: LeaseError) {
        switch error {
        case .nameInvalid:
            self.init(.nameInvalid, "a name has 1 to \(Limits.nameBytes) bytes of UTF-8 without control characters")
        case .holderInvalid:
            self.init(
                .holderInvalid,
                "a holder's label has 1 to \(Limits.holderBytes) bytes of UTF-8 without control characters")
        case .valueTooLong:
            self.init(
                .valueTooLong,
                "a value has at most \(Limits.valueBytes) bytes; keep more elsewhere and put its address here")
        case .ttlOutOfRange(let minimum, let maximum):
            self.init(
                .ttlOutOfRange,
                "the time to live is to be from \(readable(minimum)) to \(readable(maximum)) in this cluster")
        case .capacityMismatch:
            self.init(.capacityMismatch, "the lease exists with another capacity")
        case .notSupported: self.init(.notSupported, "the cluster does not support this yet")
        case .held(let held): self.init(held)
        case .claimUnknown:
            self.init(
                .claimUnknown,
                "there is no such claim of that lease: it never was, or ended long ago; acquire the lease anew")
        case .ended(let reason): self = .ended(reason)
        case .tooOld: self.init(.tooOld, "the request is older than what the cluster remembers; make it anew")
        case .requestReused: self.init(.internal, "the request's number was used before with other content")
        case .overloaded: self = .overloaded
        case .quarantined(let remaining):
            self.init(
                .overloaded,
                "the cluster was restored from a backup, and grants nothing for another \(approximate(remaining)): until "
                    + "then clients of the one before it may still believe that they hold")
        case .malformed: self.init(.usage, "the cluster could not read the request")
        case .settingInvalid: self.init(.usage, "the setting is outside its range, or contradicts another")
        }
    }

    /// Somebody else holds the lease.
    package init(_ held: LeaseError.Held) {
        let remaining = max(0, held.remaining.milliseconds)
        self.init(
            .held,
            "\(held.name) is held by \(held.holder) under token \(held.token), for another "
                + "\(approximate(held.remaining)) unless it is renewed; try again later",
            details: [
                ("name", .string(held.name)), ("holder", .string(held.holder)),
                ("token", .digits(held.token.rawValue)), ("remaining_ms", .count(remaining)),
            ])
    }

    /// The claim is over.
    package static func ended(_ reason: EndReason) -> CommandFailure {
        CommandFailure(
            .ended, "the claim has ended (\(reason)) and cannot come back; acquire the lease anew",
            details: [("reason", .string(reason.description))])
    }

    /// Nothing was done.
    package init(_ reason: NotDone, asking endpoints: [Endpoint], within timeout: Nanoseconds) {
        let list = endpoints.map(\.description).joined(separator: ",")
        switch reason {
        case .declined(let error): self.init(error)
        case .refused(let refusal): self.init(refusal, asking: list, within: timeout)
        case .unreachable(let code?): self.init(code, asking: list)
        case .unreachable(nil), .givenUp: self = .noLeader(list, timeout)
        case .shutDown: self.init(.internal, "the client was shut down")
        }
    }

    private init(_ refusal: Refusal, asking list: String, within timeout: Nanoseconds) {
        let words = refusal.message.isEmpty ? "" : ": \(refusal.message)"
        switch refusal.code {
        case .overloaded: self = .overloaded
        case .diskLow:
            self.init(
                .diskLow,
                "nothing was done: the space set aside for the journal is nearly used up\(words); "
                    + "renewals and releases go on")
        case .notReady, .shuttingDown, .deadlinePassed: self = .noLeader(list, timeout)
        case .memberUnknown:
            self.init(.memberUnknown, "nothing was done\(words); leasehold member list shows who there is")
        case .handOverFailed:
            self.init(
                .handOverFailed,
                "the old leader leads on\(words), though it may take over yet; leasehold status shows who leads")
        case .memberRefused: self.init(.memberRefused, "nothing was done\(words)")
        case .levelUnsupported: self.init(.levelUnsupported, "nothing was done\(words)")
        case .losesQuorum:
            self.init(
                .losesQuorum,
                "nothing was done\(words); with --force it is done, and the cluster stands still until they are back")
        case .notCaughtUp: self.init(.notCaughtUp, "nothing was done\(words); try again in a while")
        case .changeUnderWay: self.init(.changeUnderWay, "nothing was done\(words); try again in a while")
        case .snapshotGone: self.init(.snapshotGone, "nothing was saved\(words); try again")
        case .snapshotUnderWay: self.init(.snapshotUnderWay, "nothing was saved\(words); try again in a while")
        case .denied: self.init(.denied, "the cluster does not allow this\(words)")
        case .notSupported: self.init(.notSupported, "the cluster does not support this yet\(words)")
        case .malformed, .internalError: self.init(.internal, "the node refused the request\(words)")
        }
    }

    private init(_ code: ConnectionErrorCode, asking list: String) {
        switch code {
        case .wrongCluster, .wrongNode:
            self.init(.wrongIdentity, "the nodes at \(list) do not belong to one cluster; look at --endpoints")
        case .authentication: self.init(.denied, "the nodes at \(list) want to know who asks")
        case .protocolUnsupported:
            self.init(.notSupported, "the nodes at \(list) speak another version of the protocol")
        default:
            self.init(
                .unreachable,
                "nothing was done: no node served the request at \(list); the last one ended the connection "
                    + "(\(code.name))")
        }
    }

    private static func noLeader(_ list: String, _ timeout: Nanoseconds) -> CommandFailure {
        CommandFailure(
            .unreachable,
            "nothing was done: no leader was reached within \(readable(timeout)) at \(list); leasehold status says "
                + "which nodes answer")
    }

    private static var overloaded: CommandFailure {
        CommandFailure(.overloaded, "nothing was done: the cluster has more to do than it can; try again in a while")
    }

    /// Nobody knows what came of it; a command shows it.
    package static func unknownOutcome(
        within timeout: Nanoseconds, shownBy command: String = "leasehold get"
    ) -> CommandFailure {
        CommandFailure(
            .outcomeUnknown,
            "no answer came within \(readable(timeout)): it may have been done, or may yet be; \(command) shows")
    }

    /// A request was not even begun.
    package init(_ error: SubmissionError) {
        switch error {
        case .invalid(let error): self.init(error)
        case .tooManyRequests, .tooManyLeases, .shutDown:
            self.init(.internal, "the client has too much under way")
        }
    }
}

/// A length of time as it is written on the command line, in the greatest unit that loses nothing.
package func readable(_ time: Nanoseconds) -> String {
    let milliseconds = time.milliseconds
    for (unit, name) in [(3_600_000, "h"), (60_000, "m"), (1_000, "s")] as [(Int64, String)]
    where milliseconds >= unit && milliseconds % unit == 0 {
        return "\(milliseconds / unit)\(name)"
    }
    return "\(milliseconds)ms"
}

/// A length of time that runs while it is read: whole seconds beyond ten of them.
package func approximate(_ time: Nanoseconds) -> String {
    let milliseconds = max(0, time.milliseconds)
    return milliseconds < 10_000 ? "\(milliseconds)ms" : "\(milliseconds / 1_000)s"
}
