internal import LeaseholdSystem

/// How results are written.
package enum OutputFormat: String, CaseIterable, Sendable {
    case table, json, jsonl
}

/// Where results and errors go. A result is written once and whole: on an error standard output stays empty.
package struct Output: Sendable {
    /// The form that was asked for.
    package let format: OutputFormat

    /// An output of that form.
    package init(format: OutputFormat) { self.format = format }

    /// Writes the result of a command, in the form for scripts or in the one for people.
    package func write(_ value: JSON, table: () -> String) { StandardStream.output.write(render(value, table: table)) }

    /// Writes the result of a command that has put its form together by itself.
    package func write(_ text: String) { StandardStream.output.write(text) }

    /// As it is written.
    package func render(_ value: JSON, table: () -> String) -> String {
        switch format {
        case .table: return table()
        case .json: return value.text + "\n"
        case .jsonl:
            guard case .array(let values) = value else { return value.text + "\n" }
            return values.map { $0.text + "\n" }.joined()
        }
    }

    /// Writes a failure to standard error: a line for people, and behind it one for scripts when they are asked for.
    package func write(_ failure: CommandFailure) { StandardStream.error.write(render(failure)) }

    /// As it is written.
    package func render(_ failure: CommandFailure) -> String {
        var text = "leasehold: \(printable(failure.message)) (\(failure.code.rawValue))\n"
        if format != .table { text += failure.json.text + "\n" }
        return text
    }
}
