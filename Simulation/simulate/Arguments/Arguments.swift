import Simulator

/// The words of a command line, told apart: which are flags, which are values of flags, which are neither.
package struct Arguments: Sendable {
    /// Words that are neither a flag nor a flag's value, the command's own name included until it has been found.
    package internal(set) var words: [String] = []
    private var values: [String: String] = [:]
    private var present: Set<String> = []
    /// Flags in the order in which they came, to complain about the first.
    private(set) var order: [String] = []

    /// Reads a command line. Which flags take a value must be known beforehand, since flags may precede the command.
    package init(_ line: [String], flags: [Flag]) throws(CommandFailure) {
        var rest = line[...]
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                break
            }
            // What begins like a negative number is a value that is wrong, and no flag.
            guard word.hasPrefix("-"), let second = word.dropFirst().first, !("0"..."9").contains(second) else {
                words.append(word)
                continue
            }
            try read(Self.long(word), flags, &rest)
        }
    }

    private mutating func read(
        _ word: String, _ flags: [Flag], _ rest: inout ArraySlice<String>
    ) throws(CommandFailure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0].dropFirst(2))
        guard word.hasPrefix("--"), let flag = flags.first(where: { $0.name == name }) else {
            throw .unknownFlag(String(parts[0]), flags)
        }
        guard values[name] == nil, !present.contains(name) else { throw CommandFailure("--\(name) is given twice") }
        order.append(name)
        guard let placeholder = flag.value else {
            guard parts.count == 1 else { throw CommandFailure("--\(name) takes no value") }
            present.insert(name)
            return
        }
        if parts.count == 2 {
            values[name] = String(parts[1])
        } else if let next = rest.first, !next.hasPrefix("--") {
            values[name] = rest.removeFirst()
        } else {
            throw CommandFailure("--\(name) needs a value: --\(name) \(placeholder)")
        }
    }

    /// The two flags that have a short form.
    private static func long(_ word: String) -> String {
        switch word {
        case "-h": "--help"
        case "-o": "--output"
        case let joined where joined.hasPrefix("-o="): "--output=" + joined.dropFirst(3)
        default: word
        }
    }

    /// Whether a flag without a value is there.
    package func has(_ name: String) -> Bool { present.contains(name) }

    /// A flag's value as it was written, nil when it is not there.
    package func text(_ name: String) -> String? { values[name] }

    /// A whole number in a range.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw CommandFailure(
                "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return value
    }

    /// The longest time that a flag takes unless it says otherwise: a million hours, which can be counted in nanoseconds.
    package static let timeMost = 3_600_000_000_000

    /// A length of time in milliseconds, within a range.
    package func time(_ name: String, in range: ClosedRange<Int> = 1...timeMost) throws(CommandFailure) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = milliseconds(text), value > 0 || range.contains(value) else {
            throw CommandFailure("--\(name) takes a time such as 500ms, 1.5s, 2m or 1h, not '\(text)'")
        }
        guard value <= range.upperBound else {
            throw CommandFailure("--\(name) takes a time up to \(range.upperBound / 3_600_000)h, not '\(text)'")
        }
        return value
    }

    /// How long things go wrong, in milliseconds, when it is told.
    package func trouble() throws(CommandFailure) -> Int? { try time("time", in: 1...Plan.timeMost) }
}
