/// Finds the command that a line asks for, and runs it.
package struct Dispatcher: Sendable {
    /// Told by `--version`.
    package static let version = "0.1.0"

    /// What a line turned out to ask for.
    package enum Request: Sendable {
        case run(Command, Invocation)
        /// Text for standard output.
        case show(String)
    }

    private let commands: [Command]

    /// Chooses among these commands.
    package init(commands: [Command]) { self.commands = commands }

    /// Runs a line, of which the system gave these bytes; the exit status.
    package func run(_ line: [String], raw: [[UInt8]] = []) -> Int32 {
        // Known before the line is understood, since a complaint about it is written in this form already.
        let output = Output(format: Self.guessFormat(line))
        do throws(CommandFailure) {
            switch try request(line, raw: raw) {
            case .show(let text):
                try output.write(text)
                return 0
            case .run(let command, let invocation): return try command.run(invocation)
            }
        } catch {
            output.write(error)
            return error.code.exitStatus
        }
    }

    /// What a line asks for.
    package func request(_ line: [String], raw: [[UInt8]] = []) throws(CommandFailure) -> Request {
        let probable = find(line.filter { !$0.hasPrefix("-") })
        var arguments = try Arguments(line, raw: raw, flags: everyFlag, suggested: probable?.allFlags)
        if arguments.has("version") { return .show("leasehold \(Self.version)\n") }
        guard !arguments.words.isEmpty else {
            if arguments.has("help") { return .show(overview) }
            throw CommandFailure(.usage, "no command given; leasehold --help lists them")
        }
        guard let command = find(arguments.words) else {
            if arguments.has("help"), let group = groupHelp(arguments.words[0]) { return .show(group) }
            throw unknown(arguments.words)
        }
        if arguments.has("help") { return .show(command.help) }
        arguments.words.removeFirst(Self.words(of: command.name).count)
        try check(arguments, for: command)
        return .run(command, Invocation(arguments: arguments, output: Output(format: try format(arguments))))
    }

    private var everyFlag: [Flag] {
        commands.flatMap(\.flags) + Flag.everywhere + [.present("version", "the version")]
    }

    private static func words(of name: String) -> [String] { name.split(separator: " ").map(String.init) }

    /// The command whose name the words begin with; of two that do, the one with more words.
    private func find(_ words: [String]) -> Command? {
        commands.filter { words.starts(with: Self.words(of: $0.name)) }
            .max { Self.words(of: $0.name).count < Self.words(of: $1.name).count }
    }

    private func check(_ arguments: Arguments, for command: Command) throws(CommandFailure) {
        for name in arguments.order where !command.allFlags.contains(where: { $0.name == name }) {
            throw .unknownFlag("--\(name)", command.allFlags)
        }
        let required = command.parameters.filter { !$0.isOptional }.count
        if arguments.words.count < required {
            let missing = command.parameters[arguments.words.count].name
            throw CommandFailure(.usage, "\(missing) is missing: \(command.usage)")
        }
        if arguments.words.count > command.parameters.count {
            let extra = arguments.words[command.parameters.count]
            throw CommandFailure(.usage, "'\(extra)' is one word too many: \(command.usage)")
        }
    }

    private func unknown(_ words: [String]) -> CommandFailure {
        if commands.contains(where: { Self.words(of: $0.name).first == words[0] }) {
            let names = commands.map(\.name).filter { Self.words(of: $0).first == words[0] }
            if words.count > 1 {
                let seconds = names.compactMap { Self.words(of: $0).dropFirst().first }
                let hint = nearest(to: words[1], among: seconds).map { "did you mean \(words[0]) \($0)?" }
                let list = hint ?? "there are \(names.joined(separator: ", "))"
                return CommandFailure(.usage, "unknown command '\(words[0]) \(words[1])'; \(list)")
            }
            return CommandFailure(.usage, "\(words[0]) needs a further word: \(names.joined(separator: ", "))")
        }
        let hint = meant(by: words).map { "did you mean \($0)?" } ?? "leasehold --help lists them"
        return CommandFailure(.usage, "unknown command '\(words[0])'; \(hint)")
    }

    /// The command that was probably meant by a first word that is none: one of two words by each of them.
    private func meant(by words: [String]) -> String? {
        let firsts = commands.map { Self.words(of: $0.name)[0] }
        guard let first = nearest(to: words[0], among: firsts) else { return nil }
        if commands.contains(where: { $0.name == first }) { return first }
        let seconds = commands.map { Self.words(of: $0.name) }.filter { $0[0] == first && $0.count > 1 }.map { $0[1] }
        let second = words.count > 1 ? nearest(to: words[1], among: seconds) : nil
        return second.map { "\(first) \($0)" } ?? "\(first) \(seconds.joined(separator: " or \(first) "))"
    }

    private func format(_ arguments: Arguments) throws(CommandFailure) -> OutputFormat {
        guard let text = arguments.text("output") else { return .table }
        guard let format = OutputFormat(rawValue: text) else {
            let hint = nearest(to: text, among: OutputFormat.allCases.map(\.rawValue)).map { "; did you mean \($0)?" }
            throw CommandFailure(.usage, "-o takes table, json or jsonl, not '\(text)'\(hint ?? "")")
        }
        return format
    }

    private static func guessFormat(_ line: [String]) -> OutputFormat {
        for (index, word) in line.enumerated() {
            if word == "--" { break }
            for prefix in ["-o=", "--output="] where word.hasPrefix(prefix) {
                return OutputFormat(rawValue: String(word.dropFirst(prefix.count))) ?? .table
            }
            if word == "-o" || word == "--output", index + 1 < line.count {
                return OutputFormat(rawValue: line[index + 1]) ?? .table
            }
        }
        return .table
    }

    /// The text of `leasehold --help`.
    private var overview: String {
        """
        Leasehold: leases with fencing tokens, replicated.

        Usage: leasehold COMMAND [flags]

        Commands:
        \(indented(commands.map { ($0.name, $0.summary) }))
        leasehold COMMAND --help says more about each.

        Example:
          leasehold dev

        """
    }

    private func groupHelp(_ word: String) -> String? {
        let group = commands.filter { Self.words(of: $0.name).first == word }
        guard let first = group.first else { return nil }
        return group.count == 1 ? first.help : "Commands:\n" + indented(group.map { ($0.name, $0.summary) })
    }
}
