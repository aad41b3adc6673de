import Foundation
import Simulator
import Testing

/// The list of mistakes that one extra build makes on purpose, read as text: this build has none of them.
@Suite struct PlantedBugListTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Everything that the pattern's first group matches.
    static func matches(_ pattern: String, in text: String) throws -> [[String]] {
        let expression = try NSRegularExpression(pattern: pattern, options: [.dotMatchesLineSeparators])
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
            (1..<match.numberOfRanges).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
        }
    }

    static func bugs() throws -> [[String]] {
        try matches(#"case (\w+) = "([a-z0-9-]+)""#, in: text("Sources/LeaseholdBase/Planted/PlantedBug.swift"))
    }

    @Test func everyBugHasItsPropertiesProfilesAndBudget() throws {
        let trials = try Self.matches(
            #"case \.(\w+):\s+Trial\(\s*\[([\d, ]+)\],\s*((?:"\w+",\s*)+)seeds: (\d+),\s*"([^"]+)"\)"#,
            in: Self.text("Simulation/simulate/Mutants/PlantedBug+Trial.swift"))
        let bugs = try Self.bugs()
        #expect(bugs.count >= 60)
        #expect(trials.map { $0[0] } == bugs.map { $0[0] })
        #expect(Set(bugs.map { $0[1] }).count == bugs.count)
        for trial in trials {
            let properties = trial[1].split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            #expect(!properties.isEmpty && properties.allSatisfy { (1...28).contains($0) }, "\(trial)")
            let profiles = trial[2].split { !$0.isLetter }.map(String.init)
            #expect(!profiles.isEmpty && profiles.allSatisfy { Profile(rawValue: $0) != nil }, "\(trial)")
            #expect((1...5_000).contains(Int(trial[3]) ?? 0), "\(trial)")
            #expect(trial[4].count > 10, "\(trial)")
        }
    }

    /// A bug that is listed and planted nowhere would be found by nothing, one day, and nobody would know why.
    @Test func everyBugIsPlantedSomewhere() throws {
        var planted: Set<String> = []
        for folder in ["Sources", "Simulation"] {
            guard let walk = FileManager.default.enumerator(atPath: Self.root.appending(path: folder).path()) else {
                continue
            }
            for case let name as String in walk where name.hasSuffix(".swift") {
                for found in try Self.matches(#"planted\(\.(\w+)\)"#, in: Self.text("\(folder)/\(name)")) {
                    planted.insert(found[0])
                }
            }
        }
        #expect(try Self.bugs().map { $0[0] }.filter { !planted.contains($0) } == [])
    }
}
