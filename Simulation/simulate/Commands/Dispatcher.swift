/// Finds the command that a line asks for, and runs it.
package struct Dispatcher: Sendable {
    /// What a line turned out to ask for.
    package enum Request: Sendable {
        case run(Command, Arguments)
        /// Text for standard output.
        case show(String)
    }

    private let commands: [Command]

    /// Chooses among these commands.
    package init(commands: [Command]) { self.commands = commands }

    /// Runs a line; the exit status.
    package func run(_ line: [String]) -> Int32 {
        do throws(CommandFailure) {
            switch try request(line) {
            case .show(let text):
                Terminal.write(text)
                return Terminal.exitStatus(0)
            case .run(let command, let arguments): return Terminal.exitStatus(try command.run(arguments))
            }
        } catch {
            Terminal.complain("simulate: \(error.message)")
            return error.exitStatus
        }
    }

    /// What a line asks for.
    package func request(_ line: [String]) throws(CommandFailure) -> Request {
        var line = line
        if line.first == "help" { line = line.dropFirst() + ["--help"] }
        var arguments = try Arguments(line, flags: commands.flatMap(\.flags) + [.help])
        guard let word = arguments.words.first else {
            if arguments.has("help") { return .show(overview) }
            throw CommandFailure("no command given; simulate --help lists them")
        }
        guard let command = commands.first(where: { $0.name == word }) else {
            let hint =
                nearest(to: word, among: commands.map(\.name)).map { "did you mean \($0)?" }
                ?? "simulate --help lists them"
            throw CommandFailure("unknown command '\(word)'; \(hint)")
        }
        if arguments.has("help") { return .show(command.help) }
        arguments.words.removeFirst()
        for name in arguments.order where !command.allFlags.contains(where: { $0.name == name }) {
            throw .unknownFlag("--\(name)", command.allFlags)
        }
        if arguments.words.count < command.parameters.count {
            throw CommandFailure("\(command.parameters[arguments.words.count]) is missing: \(command.usage)")
        }
        if arguments.words.count > command.parameters.count {
            let extra = arguments.words[command.parameters.count]
            throw CommandFailure("'\(extra)' is one word too many: \(command.usage)")
        }
        return .run(command, arguments)
    }

    /// The text of `simulate --help`.
    private var overview: String {
        """
        Whole Leasehold clusters in virtual time, each from one seed.

        Usage: simulate COMMAND [flags]

        Commands:
        \(indented(commands.map { ($0.name, $0.summary) }))
        simulate COMMAND --help says more about each.

        Exit status: 0 passed, 1 usage, 10 safety, 11 liveness, 12 linearizability, 13 determinism, 14 crash,
        15 timeout, 16 empty, 130 interrupted.

        Examples:
          simulate run 42
          simulate fleet --seeds 1..200

        """
    }
}
