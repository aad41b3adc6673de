/// What a process that was ended by a trap has left on its standard error: the message if there was one, and where it was.
package enum LastWords {
    /// How the runtime is asked to tell where a trap was: briefly, and on standard error.
    static let environment =
        "SWIFT_BACKTRACE=enable=yes,color=no,interactive=no,threads=crashed,limit=14,images=none,registers=none,"
        + "symbolicate=fast,timeout=20s,output-to=stderr"

    /// The lines that matter, few enough for a report.
    package static func select(_ text: String, lines most: Int = 10) -> [String] {
        let lines = text.split(separator: "\n").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
        let messages = lines.filter { $0.contains("Fatal error") || $0.hasPrefix("*** Program crashed") }
        let frames = lines.compactMap(frame)
        guard !frames.isEmpty else { return Array(lines.suffix(most)) }
        return Array((messages.suffix(2) + frames).prefix(most))
    }

    /// The function and the place of a line such as `3 [ra] 0x000055cf0c3b722d run(_:) + 12 in simulate at /a/b.swift:9:67`.
    private static func frame(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard words.count > 3, let number = words.first, number.allSatisfy(\.isNumber),
            let address = words.firstIndex(where: { $0.hasPrefix("0x") }), address + 1 < words.count
        else { return nil }
        let rest = words[(address + 1)...].joined(separator: " ")
        // The runtime's own functions say nothing.
        guard rest.contains(" in simulate") else { return nil }
        let parts = rest.split(separator: " in simulate", maxSplits: 1).map(String.init)
        guard parts.count == 2, let slash = parts[1].lastIndex(of: "/") else { return parts.first }
        return "\(parts[1][parts[1].index(after: slash)...]) \(parts[0])"
    }
}
