import Foundation
import Testing

/// The mistakes that one extra build makes on purpose are in no other: neither in the package's settings, nor outside
/// the condition in a source, nor in what the usual build has made.
@Suite struct PlantedBugTests {
    static let define = "PLANTED_BUGS"
    static let folders = ["Sources", "Simulation", "Tools"]

    /// The names on the command line, from the list's own file.
    static func names() throws -> [String] {
        let text = try Repository.text("Sources/LeaseholdBase/Planted/PlantedBug.swift")
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: "\"")
            return line.trimmingCharacters(in: .whitespaces).hasPrefix("case ") && words.count > 1
                ? String(words[1]) : nil
        }
    }

    @Test func thePackageNeverAsksForThem() throws {
        #expect(try !Repository.text("Package.swift").contains(Self.define))
    }

    /// `#if` blocks do not nest with others in these files, or where they do the inner ones are counted.
    @Test func everyMentionStandsUnderTheCondition() throws {
        let expression = try NSRegularExpression(pattern: #"\bplanted\(|\bPlantedBugs?\b|\bmistaken\b"#)
        for folder in Self.folders {
            for file in try Repository.files(below: folder) {
                var depth = 0
                var plantedDepth: Int?
                for (number, line) in try Code(path: file).lines.enumerated() {
                    let words = line.trimmingCharacters(in: .whitespaces)
                    if words.hasPrefix("#if") {
                        depth += 1
                        if words == "#if \(Self.define)", plantedDepth == nil { plantedDepth = depth }
                    } else if words.hasPrefix("#else"), plantedDepth == depth {
                        plantedDepth = nil
                    } else if words.hasPrefix("#endif") {
                        if plantedDepth == depth { plantedDepth = nil }
                        depth -= 1
                    }
                    let isMentioned =
                        expression.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)) != nil
                    #expect(!isMentioned || plantedDepth != nil, "\(file):\(number + 1)")
                }
            }
        }
    }

    /// What the usual build has made holds no name of theirs, nor of the type that lists them.
    @Test func theUsualBuildHoldsNone() throws {
        // As the compiler spells the two types in symbols: a file's name alone may stand in what is for debuggers.
        let words = try ["10PlantedBugO", "12PlantedBugsO"] + Self.names()
        #expect(words.count > 40)
        var made: [String] = []
        for configuration in ["debug", "release"] {
            for target in Repository.pureTargets + ["LeaseholdServer", "LeaseholdCommand", "Simulator", "simulate"] {
                made += try Repository.files(below: ".build/\(configuration)/\(target).build", endings: ["o"])
            }
            made += ["leasehold", "simulate"].map { ".build/\(configuration)/\($0)" }
                .filter { FileManager.default.fileExists(atPath: Repository.root.appending(path: $0).path()) }
        }
        #expect(made.count > 10)
        #expect(try Self.files(made, thatHold: words) == [])
    }

    private static func files(_ files: [String], thatHold words: [String]) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.currentDirectoryURL = Repository.root
        process.arguments = ["grep", "-l", "-a", "-F"] + words.flatMap { ["-e", $0] } + ["--"] + files
        process.standardOutput = output
        try process.run()
        let found = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // 0 is a word found, 1 is none; anything else is no answer.
        #expect([0, 1].contains(process.terminationStatus))
        return found.split(separator: "\n").map(String.init)
    }
}
