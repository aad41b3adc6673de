package import LeaseholdJournal

/// Writes what stands in a journal as it is met: a journal may be larger than the memory.
package struct JournalWriter: Sendable {
    /// What has not been taken yet.
    package private(set) var text = ""
    private let format: OutputFormat
    private var isInSegment = false
    private var isInBatch = false
    private var segments = 0
    private var batches = 0
    private var records = 0

    /// Begins with the summary, where it stands first.
    package init(format: OutputFormat, summary: JournalSummary) {
        self.format = format
        switch format {
        case .table: text = summary.table + "\n"
        case .json:
            let object = JSON.object(summary.members).text
            text = object.dropLast() + ", \"segments\": ["
        case .jsonl: text = JSON.object([("kind", .string("summary"))] + summary.members).text + "\n"
        }
    }

    /// Takes the text written so far.
    package mutating func take() -> String {
        defer { text = "" }
        return text
    }

    /// Writes the next thing met; an entry with its payload.
    package mutating func write(_ item: JournalInspector.Item, payload: [UInt8] = []) {
        switch item {
        case .segment(let name, let header, let size):
            close(.segment)
            let members = JournalItem.segment(name, header, size: size)
            open(members, into: "batches", isFirst: segments == 0) {
                "\(name): \(size) bytes, from index \(header.firstIndex), batch \(header.firstBatch)\n"
            }
            (isInSegment, segments, batches) = (true, segments + 1, 0)
        case .batch(let header, let offset):
            close(.batch)
            open(JournalItem.batch(header, offset: offset), into: "records", isFirst: batches == 0) {
                "  batch \(header.number) at offset \(offset): \(header.payloadCount) bytes, last \(header.lastIndex) "
                    + "of term \(header.lastTerm), commit \(header.commit)"
                    + (header.flags.contains(.seal) ? ", seal" : "")
                    + (header.flags.contains(.cleanStop) ? ", clean stop\n" : "\n")
            }
            (isInBatch, batches, records) = (true, batches + 1, 0)
        case .record(let record):
            switch format {
            case .table: text += "    " + printable(JournalItem.words(record, payload: payload)) + "\n"
            case .json: text += (records == 0 ? "" : ", ") + JournalItem.record(record, payload: payload).text
            case .jsonl: text += JournalItem.record(record, payload: payload).text + "\n"
            }
            records += 1
        case .end, .damage: break
        }
    }

    /// Ends the text.
    package mutating func finish() {
        close(.segment)
        if format == .json { text += "]}\n" }
    }

    private enum Level { case segment, batch }

    private mutating func open(
        _ members: [(key: String, value: JSON)], into list: String, isFirst: Bool, words: () -> String
    ) {
        switch format {
        case .table: text += words()
        case .json: text += (isFirst ? "" : ", ") + JSON.object(members).text.dropLast() + ", \"\(list)\": ["
        case .jsonl: text += JSON.object(members).text + "\n"
        }
    }

    /// Closes what is open, down to the level.
    private mutating func close(_ level: Level) {
        if isInBatch {
            isInBatch = false
            if format == .json { text += "]}" }
        }
        if level == .segment, isInSegment {
            isInSegment = false
            if format == .json { text += "]}" }
        }
    }
}
