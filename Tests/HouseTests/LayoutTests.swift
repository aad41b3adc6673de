import Foundation
import Testing

/// What can be seen of the house's order without reading it.
@Suite struct LayoutTests {
    static let everything = ["Sources", "Simulation", "Tools", "Tests"]
    static let endings = ["swift", "c", "h"]

    static func files(below folders: [String]) throws -> [String] {
        try folders.flatMap { try Repository.files(below: $0, endings: endings) }
    }

    @Test func noFileIsLongEnoughForTwoSubjects() throws {
        for file in try Self.files(below: Self.everything) {
            let lines = try Repository.text(file).components(separatedBy: "\n").count - 1
            #expect(lines <= 600, "\(file) has \(lines) lines")
        }
    }

    @Test func nothingIsForcedAndNothingLeftForLater() throws {
        let patterns = [#"\btry!"#, #"\bas!"#, #"\bfatalError\("#]
        for file in try Self.files(below: ["Sources", "Simulation", "Tools"]) {
            let code = try Code(path: file)
            for pattern in patterns {
                let found = try code.places(matching: pattern)
                #expect(found.isEmpty, "\(found)")
            }
            let text = try Repository.text(file)
            // Put together here, so that this file may pass a search for them.
            for word in ["TO" + "DO", "FIX" + "ME", "XX" + "X"] {
                #expect(!text.contains(word), "\(file) says \(word)")
            }
        }
    }

    @Test func theTopLevelHoldsOnlyWhatBelongsThere() throws {
        let allowed: Set = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "Simulation", "Tools", "README.md",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path())
        #expect(found.filter { !$0.hasPrefix(".") && !allowed.contains($0) } == [])
    }

    @Test func thePackageDependsOnNoOther() throws {
        #expect(try Code(path: "Package.swift").places(matching: #"\.package\("#) == [])
    }

    @Test func noTypeIsNamedAfterNothing() throws {
        let pattern = #"\b(struct|class|enum|actor|protocol) \w*(Manager|Helper|Util)"#
        for file in try Self.files(below: Self.everything) where !file.hasPrefix("Tests/HouseTests") {
            let found = try Code(path: file).places(matching: pattern)
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test func onlyTestsAndSimulationImportFoundation() throws {
        for file in try Self.files(below: ["Sources", "Tools/leasehold"]) {
            let found = try Code(path: file).places(matching: #"\bimport (Foundation|Dispatch)"#)
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test func theProjectStatesInItsOwnWordsWhatItKeeps() throws {
        let papers = ["DESIGN", "LEASES", "STYLE", "TRAPS", "SIMULATOR", "SWIFT", "CLI"].map {
            $0 + ".md"
        }
        for file in try Repository.files(below: "Sources") + Self.files(below: ["Simulation", "Tools", "Tests"])
        where !file.hasPrefix("Tests/HouseTests") {
            let text = try Repository.text(file)
            for paper in papers { #expect(!text.contains(paper), "\(file) cites \(paper)") }
        }
    }
}
