import Foundation
import Testing

/// The list of traps and the tests named after them belong together.
@Suite struct TrapTests {
    struct Row: Equatable {
        var number: Int
        var trap: String
        var isDue: Bool
        var tests: [String]
    }

    /// The rows of the table; a line that looks like a row and is none is an error.
    static func rows(in text: String) throws -> [Row] {
        try text.components(separatedBy: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).map { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(fields.count == 6, "\(line)")
            let number = try #require(Int(fields[1]), "\(line)")
            try #require(["yes", "later"].contains(fields[3]), "\(line)")
            let tests = fields[4].split(whereSeparator: { ", `".contains($0) }).map(String.init)
            return Row(number: number, trap: fields[2], isDue: fields[3] == "yes", tests: tests)
        }
    }

    /// Every test named after a trap.
    static func trapTests() throws -> Set<String> {
        let expression = try NSRegularExpression(pattern: #"func (trap\d+_\w+)\("#)
        var names: Set<String> = []
        for file in try Repository.files(below: "Tests") {
            for line in try Code(path: file).lines {
                for match in expression.matches(in: line, range: NSRange(line.startIndex..., in: line)) {
                    if let range = Range(match.range(at: 1), in: line) { names.insert(String(line[range])) }
                }
            }
        }
        return names
    }

    @Test func everyTrapHasItsRow() throws {
        let rows = try Self.rows(in: Repository.text("Tests/Traps.md"))
        #expect(rows.map(\.number) == Array(1...67))
        #expect(rows.allSatisfy { !$0.trap.isEmpty })
    }

    @Test func everyTrapThatIsDueHasATestOfItsNumber() throws {
        let existing = try Self.trapTests()
        for row in try Self.rows(in: Repository.text("Tests/Traps.md")) {
            #expect(!row.isDue || !row.tests.isEmpty, "trap \(row.number) is due and has no test")
            let prefix = row.number < 10 ? "trap0\(row.number)_" : "trap\(row.number)_"
            for test in row.tests {
                #expect(test.hasPrefix(prefix), "\(test) is not named after trap \(row.number)")
                #expect(existing.contains(test), "\(test) does not exist")
            }
        }
    }

    @Test func everyTestOfATrapIsInItsRow() throws {
        let listed = Set(try Self.rows(in: Repository.text("Tests/Traps.md")).flatMap(\.tests))
        // The list is filled in as traps fall due; until the first has, there is nothing to compare with.
        guard !listed.isEmpty else { return }
        #expect(try Self.trapTests().subtracting(listed).sorted() == [])
    }

    @Test func aRowIsReadAsItIsWritten() throws {
        let text = """
            | # | Trap | Due | Tests |
            |---|---|---|---|
            | 3 | early | yes | `trap03_a`, `trap03_b` |
            | 4 | late | later | |
            """
        #expect(
            try Self.rows(in: text) == [
                Row(number: 3, trap: "early", isDue: true, tests: ["trap03_a", "trap03_b"]),
                Row(number: 4, trap: "late", isDue: false, tests: []),
            ])
    }
}
