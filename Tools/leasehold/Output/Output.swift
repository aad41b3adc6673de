package import LeaseholdSystem

/// How results are written.
package enum OutputFormat: String, CaseIterable, Sendable {
    case table, json, jsonl
}

/// Where results and errors go. A result is written once and whole: on an error standard output stays empty.
package struct Output: Sendable {
    /// The form that was asked for.
    package let format: OutputFormat
    private let stream: StandardStream

    /// An output of that form, to standard output unless told otherwise.
    package init(format: OutputFormat, to stream: StandardStream = .output) {
        self.format = format
        self.stream = stream
    }

    /// Writes the result of a command, in the form for scripts or in the one for people.
    /// - Parameters:
    ///   - done: What the command has changed, a sentence: told in the error when the result cannot be written.
    ///   - details: Further keys of that error's form for scripts.
    package func write(
        _ value: JSON, done: String = "", details: [(key: String, value: JSON)] = [], table: () -> String
    ) throws(CommandFailure) {
        try write(render(value, table: table), done: done, details: details)
    }

    /// Writes the result of a command that has put its form together by itself. A reader that has seen enough and is
    /// gone is no failure; a result that is lost otherwise is.
    package func write(
        _ text: String, done: String = "", details: [(key: String, value: JSON)] = []
    ) throws(CommandFailure) {
        do throws(SystemError) { try stream.writeAll(Array(text.utf8)) } catch {
            if error.code == .brokenPipe { return }
            let words = "the result cannot be written to standard output: \(error.code)"
            throw CommandFailure(.ioError, done.isEmpty ? words : "\(done), but \(words)", details: details)
        }
    }

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
