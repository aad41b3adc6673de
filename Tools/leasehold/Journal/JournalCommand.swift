internal import LeaseholdJournal
internal import LeaseholdServer
internal import LeaseholdSystem

extension Command {
    /// Goes through a data directory.
    static let journalInspect = Command(
        name: "journal inspect",
        parameters: [.required("DIR")],
        summary: "Show what stands in a node's data directory, and the first bad byte of it.",
        details: """
            Nothing is changed, and the node should not be running: of one that is, the end may look torn. A torn end is
            cut by the next start. Bad bytes with good ones behind them are damage, told as first_bad: the node refuses to
            start with them. Finding damage is no failure of this command.
            """,
        example: "leasehold journal inspect ~/.local/state/leasehold/dev/1"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let path = invocation.arguments.words[0]
        guard (try? FileSystem.kind(of: path)) == .directory else {
            throw CommandFailure(.ioError, "\(path) is not a directory that can be read")
        }
        do throws(JournalError) {
            try inspect(path, invocation.output)
            return 0
        } catch .notMade {
            throw CommandFailure(.ioError, "\(path) holds no node's data; give what serve has as --data")
        } catch { throw CommandFailure(.ioError, "\(path): \(error.description)") }
    }

    /// Goes through it twice: what cannot be read is known before anything is written.
    private static func inspect(_ path: String, _ output: Output) throws(JournalError) {
        var disk = DataDirectory(path)
        var inspector = try JournalInspector(on: &disk)
        var summary = JournalSummary(owner: inspector.owner)
        while let item = inspector.next(on: &disk) { try summary.take(item) }
        guard summary.owner != nil || summary.segments > 0 || summary.damage != nil else { throw .notMade }
        var writer = JournalWriter(format: output.format, summary: summary)
        inspector = try JournalInspector(on: &disk)
        while let item = inspector.next(on: &disk) {
            var payload: [UInt8] = []
            if case .record(.entry(_, let range)) = item { payload = inspector.payload(range) }
            writer.write(item, payload: payload)
            if writer.text.utf8.count >= 1 << 16 { output.write(writer.take()) }
        }
        writer.finish()
        output.write(writer.take())
    }
}
