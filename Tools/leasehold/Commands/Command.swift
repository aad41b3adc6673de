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
    static let everywhere: [Flag] = [
        .value("output", "FORMAT", "table, json or jsonl, also -o (default table)"),
        .present("help", "this text, also -h"),
    ]

    /// The claim that a command is about.
    static let claim = Flag.value("claim", "CLAIM", "the claim, as acquire told it")

    /// What every command takes that talks to a cluster.
    package static let client: [Flag] = [
        .value("endpoints", "A,B,C", "client addresses of nodes (default LEASE_ENDPOINTS, or those of dev)"),
        .value("timeout", "TIME", "give up after this long (default 10s)"),
    ]
}

/// A word that is no flag.
package struct Parameter: Sendable {
    let name: String
    let isOptional: Bool

    /// It must be there.
    package static func required(_ name: String) -> Parameter { Parameter(name: name, isOptional: false) }
    /// It may be left out.
    package static func optional(_ name: String) -> Parameter { Parameter(name: name, isOptional: true) }

    var usage: String { isOptional ? "[\(name)]" : name }
}

/// A command that was asked for, with all that was said.
package struct Invocation: Sendable {
    /// Words and flags.
    package let arguments: Arguments
    /// Where results go.
    package let output: Output
}

/// One of the things that the binary does: everything about it in one place.
package struct Command: Sendable {
    /// One word, or two.
    package let name: String
    /// Its words, in order.
    package let parameters: [Parameter]
    /// Its own, besides those that every command takes.
    package let flags: [Flag]
    /// One sentence.
    package let summary: String
    /// What else there is to know.
    package let details: String
    /// A line that works as it is printed; where it needs something first, the lines that make it stand before it.
    package let example: String
    /// What there has to be for it, told beside it.
    package let setting: String
    /// Does it. The result is the exit status of what went as it should.
    package let run: @Sendable (Invocation) throws(CommandFailure) -> Int32

    /// A command.
    package init(
        name: String, parameters: [Parameter] = [], flags: [Flag] = [], summary: String, details: String = "",
        setting: String = "", example: String, run: @escaping @Sendable (Invocation) throws(CommandFailure) -> Int32
    ) {
        self.name = name
        self.parameters = parameters
        self.flags = flags
        self.summary = summary
        self.details = details
        self.example = example
        self.setting = setting
        self.run = run
    }

    var allFlags: [Flag] { flags + Flag.everywhere }

    /// How it is called.
    package var usage: String {
        (["leasehold", name] + parameters.map(\.usage) + (flags.isEmpty ? [] : ["[flags]"])).joined(separator: " ")
    }

    /// The text of `--help`.
    package var help: String {
        var text = "Usage: \(usage)\n\n\(summary)\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        text += "\nFlags:\n"
        text += indented(allFlags.map { ("--\($0.name)" + ($0.value.map { " \($0)" } ?? ""), $0.help) })
        text +=
            "\nExample\(setting.isEmpty ? "" : ", \(setting)"):\n"
            + example.split(separator: "\n").map { "  \($0)\n" }.joined()
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
