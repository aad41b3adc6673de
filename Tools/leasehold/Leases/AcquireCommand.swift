internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

extension Command {
    /// Asks for a lease.
    static let acquire = Command(
        name: "acquire",
        parameters: [.required("NAME")],
        flags: [
            .value("ttl", "TIME", "what the claim lives without renewal (default 15s)"),
            .value("holder", "LABEL", "who holds it, for people (default HOST:PID)"),
            .value("value", "TEXT", "what others can read of it, such as an address; at most 4 KiB"),
        ] + Flag.client,
        summary: "Acquire a lease, if nobody holds it.",
        details: """
            The lease is held until it is released or its time to live has passed; nothing renews it when this command has
            ended. The token grows with every tenure of the name: hand it to whatever the lease protects, and have that
            refuse lower ones. Exit 75 when somebody else holds the lease. An acquire without an answer is undone, and
            ends with exit 76.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold acquire jobs/nightly --ttl 60s"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let arguments = invocation.arguments
        let wanted = Acquire(
            name: arguments.words[0],
            holder: arguments.text("holder") ?? "\(CurrentProcess.hostName):\(CurrentProcess.id)",
            ttl: try arguments.duration("ttl") ?? .seconds(15), value: arguments.bytes("value") ?? [])
        var session = try ClientSession(arguments)
        let tenure = try session.acquire(wanted)
        try invocation.output.write(tenure.json, done: tenure.sentence, details: tenure.keys) { tenure.table }
        return 0
    }
}

extension ClientSession {
    /// Asks for a lease; nothing renews it.
    mutating func acquire(_ wanted: Acquire) throws(CommandFailure) -> Tenure {
        let timeout = remaining
        let result = try result { (core, now) throws(SubmissionError) in
            try core.acquire(wanted, keep: false, timeout: timeout, now: now)
        }
        let answer: RequestAnswer
        switch result {
        case .done(let value): answer = value
        case .notDone(let reason): throw notDone(reason)
        case .unknown: throw undone(wanted.name)
        }
        guard case .acquired(let acquired) = answer else { throw Self.unexpected(answer) }
        switch acquired.status {
        case .holding(let token, _):
            let validFor = acquired.heldUntil - SystemClocks.steady
            guard validFor > .zero else { throw tooLate(wanted.name, acquired.claim) }
            return Tenure(
                name: wanted.name, claim: acquired.claim, token: token, holder: wanted.holder, ttl: wanted.ttl,
                validFor: validFor)
        case .ended(let reason), .ending(let reason, _): throw CommandFailure.ended(reason)
        case .unknown: throw CommandFailure(.claimUnknown)
        case .waiting: throw CommandFailure(.notSupported)
        }
    }

    /// No answer came. The client cancels such an acquire by itself, so that nobody waits for a lease that nobody
    /// knows to hold (trap 66).
    private mutating func undone(_ name: String) -> CommandFailure {
        let request = lastRequest?.description
        let words =
            settle()
            ? "it has been cancelled, so that it holds nothing now"
            : "cancelling it was not answered either, so that it may hold the lease for as long as its time to live"
                + (request.map { "; once the cluster answers: leasehold cancel \(shellQuoted(name)) --request \($0)" }
                    ?? "")
        return CommandFailure(
            .outcomeUnknown, "no answer to the acquire came in time; \(words)",
            details: [("name", .string(name)), ("request", .optional(request.map(JSON.string)))])
    }

    /// The answer came when the claim was not to be believed in any more: it is given back.
    private mutating func tooLate(_ name: String, _ claim: ClaimID) -> CommandFailure {
        _ = try? result { (core, now) throws(SubmissionError) in
            try core.release(ClaimReference(claim: claim, name: name), timeout: .seconds(1), now: now)
        }
        return CommandFailure.ended(.expired)
    }
}
