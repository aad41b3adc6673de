package import LeaseholdBase
package import LeaseholdSystem

/// The words of a command line, told apart: which are flags, which are values of flags, which are neither.
package struct Arguments: Sendable {
    /// Words that are neither a flag nor a flag's value, the command's own name included until it has been found.
    package internal(set) var words: [String] = []
    private(set) var values: [String: String] = [:]
    private(set) var present: Set<String> = []
    /// Flags in the order in which they came, to complain about the first.
    private(set) var order: [String] = []
    private var bytes: [String: [UInt8]] = [:]

    /// Reads a command line. Which flags take a value must be known beforehand, since flags may precede the command.
    /// - Parameters:
    ///   - line: The words behind the program's name.
    ///   - raw: Their bytes as the system gave them, where they may be no text; empty stands for those of the words.
    ///   - flags: Every flag there is.
    ///   - suggested: Those among which one is looked for that was meant by a word which is none; nil for all.
    package init(
        _ line: [String], raw: [[UInt8]] = [], flags: [Flag], suggested: [Flag]? = nil
    ) throws(CommandFailure) {
        var rest = line[...]
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                break
            }
            guard word.hasPrefix("-"), word.count > 1 else {
                words.append(word)
                continue
            }
            try read(Self.long(word), flags, suggested ?? flags, raw, &rest)
        }
        // A name that is no text must not become that of another lease.
        for (word, given) in zip(line, raw) where Array(word.utf8) != given && !isValue(given) {
            throw CommandFailure(.usage, "'\(word)' is not UTF-8, which only a lease's value need not be")
        }
    }

    private func isValue(_ given: [UInt8]) -> Bool {
        guard let value = bytes["value"] else { return false }
        return given == value || given == Array("--value=".utf8) + value
    }

    private mutating func read(
        _ word: String, _ flags: [Flag], _ suggested: [Flag], _ raw: [[UInt8]], _ rest: inout ArraySlice<String>
    ) throws(CommandFailure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0].dropFirst(2))
        guard word.hasPrefix("--"), let flag = flags.first(where: { $0.name == name }) else {
            throw .unknownFlag(String(parts[0]), suggested)
        }
        guard values[name] == nil, !present.contains(name) else {
            throw CommandFailure(.usage, "--\(name) is given twice")
        }
        order.append(name)
        guard let placeholder = flag.value else {
            guard parts.count == 1 else { throw CommandFailure(.usage, "--\(name) takes no value") }
            present.insert(name)
            return
        }
        if parts.count == 2 {
            values[name] = String(parts[1])
            if raw.indices.contains(rest.startIndex - 1) {
                bytes[name] = Array(raw[rest.startIndex - 1].drop { $0 != UInt8(ascii: "=") }.dropFirst())
            }
        } else if let next = rest.first, !next.hasPrefix("--") {
            values[name] = rest.removeFirst()
            if raw.indices.contains(rest.startIndex - 1) { bytes[name] = raw[rest.startIndex - 1] }
        } else {
            throw CommandFailure(.usage, "--\(name) needs a value: --\(name) \(placeholder)")
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

    /// A flag's value as the bytes that were given, which need not be text; nil when it is not there.
    package func bytes(_ name: String) -> [UInt8]? { bytes[name] ?? values[name].map { Array($0.utf8) } }

    /// A flag's value that must be there.
    package func required(_ name: String) throws(CommandFailure) -> String {
        guard let value = values[name] else { throw CommandFailure(.usage, "--\(name) is missing") }
        return value
    }

    /// A whole number in a range.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let bounds = "from \(range.lowerBound) to \(range.upperBound)"
            throw CommandFailure(.usage, "--\(name) takes a whole number \(bounds), not '\(text)'")
        }
        return value
    }

    /// A length of time.
    package func duration(_ name: String) throws(CommandFailure) -> Nanoseconds? {
        guard let text = values[name] else { return nil }
        guard let value = LeaseholdCommand.duration(text) else {
            throw CommandFailure(
                .usage, "--\(name) takes a time such as 500ms, 15s, 2m or 1h, not '\(text)'")
        }
        return value
    }

    /// An address.
    package func endpoint(_ name: String) throws(CommandFailure) -> Endpoint? {
        guard let text = values[name] else { return nil }
        guard let value = Endpoint(text) else {
            throw CommandFailure(
                .usage, "--\(name) takes an address such as 127.0.0.1:7401 or [::1]:7401, not '\(text)'")
        }
        return value
    }

    /// The claim that a command is about.
    package func claim() throws(CommandFailure) -> ClaimID {
        let text = try required("claim")
        guard let number = UInt64(text), number > 0 else {
            throw CommandFailure(.usage, "--claim takes the number that acquire told, not '\(text)'")
        }
        return ClaimID(number)
    }

    /// Where the cluster's clients are answered: the flag, or the environment, or where `dev` puts them.
    package func endpoints() throws(CommandFailure) -> [Endpoint] {
        let (text, source) =
            if let text = values["endpoints"] {
                (text, "--endpoints")
            } else if let text = CurrentProcess.environment("LEASE_ENDPOINTS"), !text.isEmpty {
                (text, "LEASE_ENDPOINTS")
            } else {
                ("127.0.0.1:7401,7402,7403", "the default")
            }
        guard let list = LeaseholdCommand.endpoints(text) else {
            throw CommandFailure(
                .usage,
                "\(source) takes addresses such as 127.0.0.1:7401 or [::1]:7401 with commas between, not '\(text)'")
        }
        return list
    }

    /// How long a client command may take.
    package func timeout() throws(CommandFailure) -> Nanoseconds { try duration("timeout") ?? .seconds(10) }
}

extension CommandFailure {
    static func unknownFlag(_ word: String, _ flags: [Flag]) -> CommandFailure {
        let name = String(word.drop { $0 == "-" })
        let hint = nearest(to: name, among: flags.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        return CommandFailure(.usage, "unknown flag \(word)\(hint)")
    }
}
