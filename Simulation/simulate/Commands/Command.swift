/// A flag of a command.
package struct Flag: Sendable {
    /// Without the dashes.
    package let name: String
    /// What stands for its value in the help; nil for one that is there or is not.
    package let value: String?
    /// One line of help, with the default.
    package let help: String

    /// A flag with a value.
    package static func value(_ name: String, _ value: String, _ help: String) -> Flag {
        Flag(name: name, value: value, help: help)
    }

    /// A flag that is there or is not.
    package static func present(_ name: String, _ help: String) -> Flag { Flag(name: name, value: nil, help: help) }

    /// What every command takes.
    static let help = Flag.present("help", "this text, also -h")
    /// Which kinds of trouble.
    static let profile = Flag.value("profile", "P", "smoke, swarm, clocks, disks or quiet (default swarm)")
    /// How long the trouble lasts.
    static let time = Flag.value("time", "TIME", "simulated time of trouble (default: as the profile draws it)")
    /// A result for scripts.
    static let json = Flag.present("json", "one JSON value instead of text")
    /// How long a seed may take.
    static let timeout = Flag.value("timeout", "TIME", "real time after which a seed is given up (default 120s)")
}

/// One of the things that the binary does: everything about it in one place.
package struct Command: Sendable {
    /// One word.
    package let name: String
    /// The words behind it, in order.
    package let parameters: [String]
    /// Its own flags, besides `--help`.
    package let flags: [Flag]
    /// One sentence.
    package let summary: String
    /// What else there is to know.
    package let details: String
    /// Lines that work as they are printed.
    package let examples: [String]
    /// Does it. The result is the exit status.
    package let run: @Sendable (Arguments) throws(CommandFailure) -> Int32

    /// A command.
    package init(
        _ name: String, parameters: [String] = [], flags: [Flag] = [], summary: String, details: String = "",
        examples: [String], run: @escaping @Sendable (Arguments) throws(CommandFailure) -> Int32
    ) {
        self.name = name
        self.parameters = parameters
        self.flags = flags
        self.summary = summary
        self.details = details
        self.examples = examples
        self.run = run
    }

    var allFlags: [Flag] { flags + [.help] }

    /// How it is called.
    package var usage: String {
        (["simulate", name] + parameters + (flags.isEmpty ? [] : ["[flags]"])).joined(separator: " ")
    }

    /// The text of `--help`.
    package var help: String {
        var text = "Usage: \(usage)\n\n\(summary)\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        text += "\nFlags:\n"
        text += indented(
            allFlags.map { flag in
                ((flag.name == "output" ? "-o" : "--\(flag.name)") + (flag.value.map { " \($0)" } ?? ""), flag.help)
            })
        text += "\nExamples:\n" + examples.map { "  \($0)\n" }.joined()
        return text
    }
}

/// Two columns, two spaces in from the left.
func indented(_ lines: [(String, String)]) -> String {
    let width = lines.reduce(0) { max($0, $1.0.count) }
    return lines.map { left, right in
        "  " + left + String(repeating: " ", count: width - left.count) + "  " + right + "\n"
    }.joined()
}
