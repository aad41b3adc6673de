internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore

extension Command {
    /// Gives a claim another value.
    static let update = Command(
        name: "update",
        parameters: [.required("NAME")],
        flags: [.claim, .value("value", "TEXT", "what others can read of it from now on; at most 4 KiB")] + Flag.client,
        summary: "Change what others can read of a lease that is held.",
        details: "Neither the token nor the time left changes.",
        setting: "while leasehold dev runs",
        example: """
            claim=$(leasehold acquire jobs/weekly -o json | sed 's/.*"claim": "//; s/".*//')
            leasehold update jobs/weekly --claim $claim --value 10.0.0.7:8080
            """
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let arguments = invocation.arguments
        let name = arguments.words[0]
        let claim = try arguments.claim()
        guard let value = arguments.bytes("value") else { throw CommandFailure(.usage, "--value is missing") }
        var session = try ClientSession(arguments)
        let answer = try session.ask { (core, now) throws(SubmissionError) in
            try core.update(Update(claim: ClaimReference(claim: claim, name: name), value: value), now: now)
        }
        guard case .outcome(.updated) = answer else { throw ClientSession.unexpected(answer) }
        let result = JSON.object([("name", .string(name)), ("claim", .digits(claim.rawValue))])
        try invocation.output.write(result, done: "\(name) has the new value") {
            describe([("name", name), ("claim", "\(claim)")])
        }
        return 0
    }
}
