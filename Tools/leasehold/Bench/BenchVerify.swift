internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdSystem
internal import LeaseholdWire

/// Checking a log of acknowledged operations against the cluster.
extension Command {
    static func verify(_ path: String, _ invocation: Invocation) throws(CommandFailure) -> Int32 {
        var history = AcknowledgedHistory()
        var lie = try read(path, into: &history)
        var checked = 0
        if lie == nil {
            var session = try ClientSession(invocation.arguments)
            lie = try session.compare(history, &checked)
        }
        let result = JSON.object([
            ("file", .string(path)), ("lines", .count(history.lines)), ("names", .count(history.nameCount)),
            ("acquires", .count(history.acquires)), ("renewals", .count(history.renewals)),
            ("releases", .count(history.releases)), ("unknown", .count(history.unknown)),
            ("must_be_held", .count(checked)), ("first_lie", .optional(lie.map(JSON.string))),
        ])
        try invocation.output.write(result) {
            describe([
                ("file", path), ("lines", "\(history.lines)"), ("names", "\(history.nameCount)"),
                ("acquires", "\(history.acquires)"), ("renewals", "\(history.renewals)"),
                ("releases", "\(history.releases)"), ("unknown", "\(history.unknown)"),
                ("must be held", "\(checked)"), ("first lie", lie ?? "none"),
            ])
        }
        return lie == nil ? 0 : 1
    }

    private static var pieceBytes: Int { 1 << 20 }

    /// Reads a log line by line; a lie, when it contradicts itself.
    private static func read(
        _ path: String, into history: inout AcknowledgedHistory
    ) throws(CommandFailure) -> String? {
        var rest: [UInt8] = []
        var offset = 0
        do throws(SystemError) {
            let file = try File(path, .read)
            while true {
                let count = try file.read(at: offset, count: pieceBytes, appendingTo: &rest)
                // What stands behind the last line's end was cut off by the writer's end, and promises nothing.
                guard count > 0 else { return nil }
                offset += count
                var start = 0
                while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                    guard let line = OperationLog.Line(rest[start..<end]) else {
                        return "line \(history.lines + 1) is no line of a log of bench"
                    }
                    if let lie = history.take(line) { return lie }
                    start = end + 1
                }
                rest.removeFirst(start)
            }
        } catch { throw CommandFailure(.ioError, "\(path): \(error)") }
    }
}

extension ClientSession {
    /// Reads every name of the history, in pages, and compares; the first lie.
    fileprivate mutating func compare(
        _ history: AcknowledgedHistory, _ checked: inout Int
    ) throws(CommandFailure) -> String? {
        guard history.nameCount > 0 else { return nil }
        let names = history.allNames.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let prefix = history.commonPrefix
        var place = 0
        var after = ""
        while true {
            restart()
            let asked = SystemClocks.steady
            let answer = try list(prefix, after: after, stale: false)
            let answered = SystemClocks.steady
            // Names up to the last of the page are all in it, or not held.
            let last = answer.page.hasMore ? answer.page.leases.last?.name : nil
            var lease = 0
            while place < names.count {
                let name = names[place]
                if let last, last.utf8.lexicographicallyPrecedes(name.utf8) { break }
                while lease < answer.page.leases.count,
                    answer.page.leases[lease].name.utf8.lexicographicallyPrecedes(name.utf8)
                { lease += 1 }
                let view = lease < answer.page.leases.count ? answer.page.leases[lease] : nil
                let holder = view?.name == name ? view?.holders.first : nil
                if history.mustBeHeld(name, at: answered) { checked += 1 }
                if let lie = history.check(
                    name, isHeldBy: holder.map { ($0.claim, $0.token) }, asked: asked, answered: answered)
                {
                    return lie
                }
                place += 1
            }
            guard let last, place < names.count else { return nil }
            after = last
        }
    }
}
