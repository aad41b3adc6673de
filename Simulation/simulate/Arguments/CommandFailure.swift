/// Why a command did not do what it was asked to: what was typed or given is wrong. Exit status 1.
package struct CommandFailure: Error, Hashable {
    /// One line for people.
    package var message: String

    /// A failure with its message.
    package init(_ message: String) { self.message = message }

    static func unknownFlag(_ word: String, _ flags: [Flag]) -> CommandFailure {
        let name = String(word.drop { $0 == "-" })
        let hint = nearest(to: name, among: flags.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        return CommandFailure("unknown flag \(word)\(hint)")
    }
}
