import Foundation

/// The working copy that these tests were compiled from.
enum Repository {
    /// Its top folder.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The pure targets, lowest first.
    static let pureTargets = [
        "LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal", "LeaseholdReplica",
        "LeaseholdClientCore",
    ]

    /// The files below a folder whose names end so, as paths from the top, in order.
    static func files(below folder: String, endings: [String] = ["swift"]) throws -> [String] {
        let start = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: start.path()) else { return [] }
        return walk.compactMap { $0 as? String }
            .filter { name in endings.contains { name.hasSuffix(".\($0)") } }
            .map { "\(folder)/\($0)" }
            .sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

/// A Swift file without its comments and without the words of its strings: what is left is code.
struct Code {
    let path: String
    let lines: [String]

    init(path: String) throws { self.init(path: path, text: try Repository.text(path)) }

    init(path: String, text: String) {
        self.path = path
        var stripper = Stripper(text: text)
        lines = stripper.strip().components(separatedBy: "\n")
    }

    /// `path:line` of every line that matches.
    func places(matching pattern: String) throws -> [String] {
        let expression = try NSRegularExpression(pattern: pattern)
        return lines.enumerated().compactMap { index, line in
            let whole = NSRange(line.startIndex..., in: line)
            guard expression.firstMatch(in: line, range: whole) != nil else { return nil }
            return "\(path):\(index + 1): \(line.trimmingCharacters(in: .whitespaces))"
        }
    }
}
