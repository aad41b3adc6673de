internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdWire

extension Command {
    /// Reads one lease.
    static let get = Command(
        name: "get",
        parameters: [.required("NAME")],
        flags: [.stale] + Flag.client,
        summary: "Show who holds a lease.",
        details: "A lease that nobody holds is no failure: it is shown without holders.",
        setting: "while leasehold dev runs",
        example: "leasehold get jobs/nightly"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let isStale = invocation.arguments.has("stale")
        var session = try ClientSession(invocation.arguments)
        let answer = try session.get(invocation.arguments.words[0], stale: isStale)
        let report = LeaseReport(answer.lease, answer.preface, stale: isStale)
        try invocation.output.write(report.json) { report.table }
        return 0
    }
}

extension Flag {
    /// Any node may answer.
    static let stale = Flag.present("stale", "ask any node, which may be behind; tells its age")
}

extension ClientSession {
    /// Reads one lease.
    mutating func get(_ name: String, stale: Bool) throws(CommandFailure) -> LeaseAnswer {
        let timeout = remaining
        let answer = try ask { (core, now) throws(SubmissionError) in
            try core.get(name: name, stale: stale, timeout: timeout, now: now)
        }
        guard case .lease(let lease) = answer else { throw Self.unexpected(answer) }
        return lease
    }
}
