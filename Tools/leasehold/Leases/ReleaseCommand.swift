internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore

extension Command {
    /// Ends a claim.
    static let release = Command(
        name: "release",
        parameters: [.required("NAME")],
        flags: [.claim] + Flag.client,
        summary: "Give a lease back.",
        details: """
            Names the claim, and never touches another one. A claim that had ended otherwise is no failure: it is told with
            the reason.
            """,
        setting: "while leasehold dev runs",
        example: """
            claim=$(leasehold acquire jobs/daily -o json | sed 's/.*"claim": "//; s/".*//')
            leasehold release jobs/daily --claim $claim
            """
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let name = invocation.arguments.words[0]
        let claim = try invocation.arguments.claim()
        var session = try ClientSession(invocation.arguments)
        let answer = try session.ask { (core, now) throws(SubmissionError) in
            try core.release(ClaimReference(claim: claim, name: name), now: now)
        }
        guard case .outcome(.released(_, let reason)) = answer else { throw ClientSession.unexpected(answer) }
        let isReleased = reason == .released
        let result = JSON.object([
            ("name", .string(name)), ("claim", .digits(claim.rawValue)), ("released", .bool(isReleased)),
            ("reason", isReleased ? .null : .string(reason.description)),
        ])
        let done = isReleased ? "claim \(claim) of \(name) is released" : "claim \(claim) of \(name) had \(reason)"
        try invocation.output.write(result, done: done) {
            describe([
                ("name", name), ("claim", "\(claim)"), ("released", isReleased ? "yes" : "no, it had \(reason)"),
            ])
        }
        return 0
    }
}
