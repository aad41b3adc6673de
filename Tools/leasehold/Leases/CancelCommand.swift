internal import LeaseMachine
package import LeaseholdBase
internal import LeaseholdClientCore

extension Command {
    /// Undoes an acquire.
    static let cancel = Command(
        name: "cancel",
        parameters: [.required("NAME")],
        flags: [.value("request", "REQUEST", "the acquire's request, as its error told it")] + Flag.client,
        summary: "Undo an acquire whose outcome is not known.",
        details: """
            If the acquire holds the lease, it does no longer; if it has not arrived yet, it will do nothing when it does.
            cancelled is false when the claim had ended otherwise, or the acquire was refused.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold cancel jobs/nightly --request 00000000000000ff-1"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let arguments = invocation.arguments
        let name = arguments.words[0]
        let text = try arguments.required("request")
        guard let target = requestID(text) else {
            throw CommandFailure(
                .usage,
                "--request takes what an acquire of unknown outcome told, such as 00000000000000ff-1, not '\(text)'")
        }
        var session = try ClientSession(arguments)
        let answer = try session.ask { (core, now) throws(SubmissionError) in
            try core.cancel(Cancel(target: target, name: name), now: now)
        }
        guard case .outcome(.cancelled(let cancellation)) = answer else { throw ClientSession.unexpected(answer) }
        let result = JSON.object([("name", .string(name)), ("cancelled", .bool(cancellation.isEffective))])
        try invocation.output.write(result, done: "the acquire of \(name) holds nothing any more") {
            describe([("name", name), ("cancelled", cancellation.isEffective ? "yes" : "no, it holds nothing")])
        }
        return 0
    }
}

/// Reads a request as it is told: 16 hexadecimal digits, a dash, a number; nil when it is none.
package func requestID(_ text: String) -> RequestID? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 16, let instance = UInt64(parts[0], radix: 16), instance > 0,
        let sequence = UInt64(parts[1]), sequence > 0
    else { return nil }
    return RequestID(instance: ClientInstance(instance), sequence: RequestSequence(sequence))
}
