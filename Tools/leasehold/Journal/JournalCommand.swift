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
        setting: "after leasehold dev has run",
        example: "leasehold journal inspect ~/.local/state/leasehold/dev/1"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let path = invocation.arguments.words[0]
        guard (try? FileSystem.kind(of: path)) == .directory else {
            throw CommandFailure(.ioError, "\(path) is not a directory that can be read")
        }
        // Twice: what cannot be read is known before anything is written.
        let summary: JournalSummary
        var inspector: JournalInspector
        var disk = DataDirectory(path)
        do throws(JournalError) {
            summary = try survey(&disk)
            inspector = try JournalInspector(on: &disk)
        } catch .notMade {
            throw CommandFailure(.ioError, "\(path) holds no node's data; give what serve has as --data")
        } catch { throw CommandFailure(.ioError, "\(path): \(error.description)") }
        try write(summary, &inspector, on: &disk, to: invocation.output)
        return 0
    }

    private static func survey(_ disk: inout DataDirectory) throws(JournalError) -> JournalSummary {
        var inspector = try JournalInspector(on: &disk)
        var summary = JournalSummary(owner: inspector.owner)
        while let item = inspector.next(on: &disk) { try summary.take(item) }
        guard summary.owner != nil || summary.segments > 0 || summary.damage != nil else { throw .notMade }
        return summary
    }

    private static func write(
        _ summary: JournalSummary, _ inspector: inout JournalInspector, on disk: inout DataDirectory, to output: Output
    ) throws(CommandFailure) {
        var writer = JournalWriter(format: output.format, summary: summary)
        while let item = inspector.next(on: &disk) {
            var payload: [UInt8] = []
            if case .record(.entry(_, let range)) = item { payload = inspector.payload(range) }
            writer.write(item, payload: payload)
            if writer.text.utf8.count >= 1 << 16 { try output.write(writer.take()) }
        }
        writer.finish()
        try output.write(writer.take())
    }
}
