import Foundation
import Testing

/// What decides anything takes everything as an argument and gives it back as a value. These tests look for whatever
/// would let a clock, chance, a thread or an order that nobody chose into a pure target.
@Suite struct PurityTests {
    /// What a pure target must not say, and why.
    static let banned: [(pattern: String, reason: String)] = [
        (#"\b(ContinuousClock|SuspendingClock|Date|DispatchTime|clock_gettime|gettimeofday)\b"#, "reads a clock"),
        (#"\b(SystemRandomNumberGenerator|UUID|arc4random\w*|getrandom)\b"#, "draws chance of its own"),
        (#"\b(random|shuffled|shuffle)\(|\brandomElement\("#, "samples as the library likes"),
        (#"\b(async|await|actor|Task|TaskGroup|withCheckedContinuation|AsyncStream|AsyncSequence)\b"#, "is concurrent"),
        (#"@(MainActor|globalActor)|\bnonisolated\(unsafe\)|@unchecked Sendable"#, "shares state"),
        (#"\b(Mutex|Atomic|Thread|pthread_\w+|DispatchQueue)\b"#, "uses threads"),
        (#"\b(print|debugPrint|dump|readLine)\("#, "talks to the terminal"),
        (#"\b(Hasher|hashValue)\b"#, "depends on a hash seeded by the process"),
        (#"\bCommandLine\b|\bgetenv\("#, "looks at the process"),
    ]

    static func offences(in code: Code) throws -> [String] {
        var found: [String] = []
        for (pattern, reason) in banned {
            found += try code.places(matching: pattern).map { "\($0)  [\(reason)]" }
        }
        found += try code.places(matching: #"^\s*(\w+(\(\w+\))? )*static var [^{]*$|^\s*(\w+ )*static var [^{]*=.*$"#)
            .map { "\($0)  [a static that varies]" }
        found += try code.places(matching: #"^((public|package|internal|private|fileprivate) )?var [^{]*(=.*)?$"#)
            .map { "\($0)  [a global that varies]" }
        return found
    }

    @Test(arguments: Repository.pureTargets)
    func aPureTargetHoldsNoClockNoChanceNoThreadAndNoGlobal(target: String) throws {
        let files = try Repository.files(below: "Sources/\(target)")
        #expect(!files.isEmpty)
        // The switch for mistakes on purpose is a global, and in no build that anybody runs: see `PlantedBugTests`.
        for file in files where file != "Sources/LeaseholdBase/Planted/PlantedBugs.swift" {
            let offences = try Self.offences(in: Code(path: file))
            #expect(offences.isEmpty, "\(offences.joined(separator: "\n"))")
        }
    }

    @Test(arguments: Repository.pureTargets)
    func aPureTargetImportsOnlyPureTargetsBelowIt(target: String) throws {
        let allowed = Set(Repository.pureTargets.prefix { $0 != target })
        for file in try Repository.files(below: "Sources/\(target)") {
            let code = try Code(path: file)
            for place in try code.places(matching: #"^\s*(@\w+(\(\w+\))?\s+)*(\w+\s+)?import\s"#) {
                let imported = place.components(separatedBy: " ").last ?? ""
                #expect(allowed.contains(imported), "\(place)")
            }
        }
    }

    /// The order of a dictionary or a set differs between two runs. What can be seen of going through one is looked for
    /// by the names that were declared as such.
    @Test(arguments: Repository.pureTargets)
    func aPureTargetGoesThroughNoDictionaryOrSet(target: String) throws {
        let codes = try Repository.files(below: "Sources/\(target)").map { try Code(path: $0) }
        var members: Set<String> = []
        for code in codes { members.formUnion(Self.unordered(in: code, membersOnly: true)) }
        for code in codes {
            let names = members.union(Self.unordered(in: code, membersOnly: false))
            let offences = try Self.iterations(over: names, in: code)
            #expect(offences.isEmpty, "\(offences.joined(separator: "\n"))")
        }
    }

    /// Names declared as a dictionary or a set.
    static func unordered(in code: Code, membersOnly: Bool) -> Set<String> {
        let start = membersOnly ? #"^    (?:\S+ )*(?:var|let) "# : #"\b(?:var |let |)"#
        let type =
            #"(\w+)(?:: (?:inout )?(?:\[[^\[\]:]+: |Dictionary<|Set<)| = (?:\[:\]|Set[<(]|Dictionary[<(]|\[[^\[\]:]+: [^\[\]]+\]\())"#
        guard let expression = try? NSRegularExpression(pattern: start + type) else { return [] }
        var names: Set<String> = []
        for line in code.lines {
            for match in expression.matches(in: line, range: NSRange(line.startIndex..., in: line)) {
                if let range = Range(match.range(at: 1), in: line) { names.insert(String(line[range])) }
            }
        }
        return names
    }

    static func iterations(over names: Set<String>, in code: Code) throws -> [String] {
        guard !names.isEmpty else { return [] }
        let any = names.sorted().joined(separator: "|")
        let walks =
            "keys|values|map|compactMap|flatMap|filter|forEach|reduce|first|sorted|min|max|allSatisfy|enumerated"
            + "|makeIterator|randomElement|mapValues|popFirst|elements"
        return try code.places(matching: #"\bin (self\.)?(\w+\.)*(\#(any))(\.(keys|values|sorted\(\)))? (\{|where)"#)
            + code.places(matching: #"\b(\#(any))\.(\#(walks))\b"#)
    }

    @Test func theSearchFindsWhatItIsFor() throws {
        let sample = Code(
            path: "sample",
            text: """
                // print("a comment") is fine, /* so is await */ here
                let words = "Task and \\(actor.name) and ContinuousClock"
                public static var zero: Term { Term(0) }
                static var count = 0
                var table: [Int: String] = [:]
                for (key, value) in table { use(key, value) }
                let first = table.keys
                let found = table[3]
                """)
        let offences = try Self.offences(in: sample)
        #expect(offences.map { $0.prefix(9) } == ["sample:2:", "sample:4:", "sample:5:"])
        let names = Self.unordered(in: sample, membersOnly: false)
        #expect(names == ["table"])
        let iterations = try Self.iterations(over: names, in: sample)
        #expect(iterations.map { $0.prefix(9) } == ["sample:6:", "sample:7:"])
    }
}
