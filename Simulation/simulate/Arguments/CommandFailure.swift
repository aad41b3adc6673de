/// Why a command did not do what it was asked to.
package struct CommandFailure: Error, Hashable {
    /// One line for people.
    package var message: String
    /// What the process exits with: 1, as what was typed or given is wrong, unless it says otherwise.
    package var exitStatus = Outcome.usageExitCode

    /// A failure with its message.
    package init(_ message: String) { self.message = message }

    /// A failure that is known from the exit status of its outcome.
    package init(_ message: String, _ outcome: Outcome) { (self.message, exitStatus) = (message, outcome.exitCode) }

    /// Ctrl-C was pressed before there was a result.
    package static let interrupted = CommandFailure("interrupted", .interrupted)

    static func unknownFlag(_ word: String, _ flags: [Flag]) -> CommandFailure {
        let name = String(word.drop { $0 == "-" })
        #if !PLANTED_BUGS
        if name == "bug" { return CommandFailure("--bug is taken by another build: " + Command.plantedBuild) }
        #endif
        let hint = nearest(to: name, among: flags.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        return CommandFailure("unknown flag \(word)\(hint)")
    }
}
