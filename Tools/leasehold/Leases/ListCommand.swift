internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdWire

extension Command {
    /// Reads many leases.
    static let list = Command(
        name: "list",
        parameters: [.optional("PREFIX")],
        flags: [.stale] + Flag.client,
        summary: "Show the leases that are held, by the beginning of their names.",
        details: """
            In the byte order of names. A long list is read page by page, and each page is true at an entry of its own,
            which index tells.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold list jobs/"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let isStale = invocation.arguments.has("stale")
        var session = try ClientSession(invocation.arguments)
        var listing = Listing(format: invocation.output.format)
        var after = ""
        while true {
            let answer = try session.list(invocation.arguments.words.first ?? "", after: after, stale: isStale)
            for lease in answer.page.leases { listing.append(LeaseReport(lease, answer.preface, stale: isStale)) }
            guard answer.page.hasMore, let last = answer.page.leases.last else { break }
            after = last.name
        }
        try invocation.output.write(listing.text)
        return 0
    }
}

extension ClientSession {
    /// Reads a page of leases behind a name.
    mutating func list(_ prefix: String, after: String, stale: Bool) throws(CommandFailure) -> PageAnswer {
        let timeout = remaining
        let answer = try ask { (core, now) throws(SubmissionError) in
            try core.list(prefix: prefix, after: after, stale: stale, timeout: timeout, now: now)
        }
        guard case .page(let page) = answer else { throw Self.unexpected(answer) }
        return page
    }
}

/// The text of a list, written down lease by lease: a million of them is no tree in memory.
package struct Listing: Sendable {
    private let format: OutputFormat
    private var lines = ""
    private var table = Table(LeaseReport.listColumns)
    private var count = 0

    /// An empty list.
    package init(format: OutputFormat) { self.format = format }

    /// Adds a lease.
    package mutating func append(_ report: LeaseReport) {
        switch format {
        case .table: for row in report.rows { table.append(row) }
        case .json: lines += (count == 0 ? "" : ", ") + report.json.text
        case .jsonl: lines += report.json.text + "\n"
        }
        count += 1
    }

    /// All of it.
    package var text: String {
        switch format {
        case .table: count == 0 ? "no lease is held\n" : table.text
        case .json: "[" + lines + "]\n"
        case .jsonl: lines
        }
    }
}
