import Foundation
import Leasehold
import Testing

/// The examples of the README and of the comments, as they stand there, over a database that fences.
@Suite struct DocumentationTests {
    /// A resource that keeps the highest token it has seen and refuses lower ones.
    actor Database {
        struct Fenced: Error {}
        private(set) var rows: [String] = []
        private var highest = Lease.Token(rawValue: 0)

        func write(_ row: String, fencedBy token: Lease.Token) throws {
            guard token >= highest else { throw Fenced() }
            highest = token
            rows.append(row)
        }
    }

    /// The README's example, word for word: compiled, and not run, for its cluster is not there.
    static func readme(_ database: Database, _ report: String) async throws {
        let client = try LeaseClient(endpoints: ["127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:7403"])

        try await client.withLease("jobs/nightly-billing", ttl: .seconds(15)) { lease in
            try lease.checkpoint()  // throws LeaseLost before a side effect
            try await database.write(report, fencedBy: lease.token)  // the token goes to the resource
        }  // released after the body returned, never before
        await client.stop()
    }

    @Test(arguments: ["README.md", "Sources/Leasehold/Client/LeaseClient.swift"])
    func theExampleThatIsCompiledIsTheOneThatIsPrinted(file: String) throws {
        let here = URL(filePath: #filePath)
        let compiled = Self.statements(of: try String(contentsOf: here, encoding: .utf8))
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
            .replacingOccurrences(of: "/// ", with: "")
        let printed = try #require(text.components(separatedBy: "```swift\n").dropFirst().first)
        let example = Self.statements(of: try #require(printed.components(separatedBy: "```").first))
        #expect(example.contains { $0.hasPrefix("try await client.withLease(") })
        for statement in example { #expect(compiled.contains(statement), "\(file) prints what no test compiles") }
    }

    /// The lines that say something, without indentation and comments.
    static func statements(of text: String) -> [String] {
        text.components(separatedBy: "\n").compactMap { line in
            let code = line.components(separatedBy: "//")[0].trimmingCharacters(in: .whitespaces)
            return code.isEmpty || code == "///" ? nil : code
        }
    }

    @Test func theFirstExampleWorksAsPrinted() async throws {
        let (endpoints, database, report) = ([try SharedNode.endpoint], Database(), "all is well")

        let client = try LeaseClient(endpoints: endpoints)

        try await client.withLease("jobs/nightly-billing", ttl: .seconds(15)) { lease in
            try lease.checkpoint()  // throws LeaseLost before a side effect
            try await database.write(report, fencedBy: lease.token)  // the token goes to the resource
        }  // released after the body returned, never before

        await client.stop()

        #expect(await database.rows == [report])
    }

    @Test func theUnscopedExampleWorksAsPrinted() async throws {
        let (client, database) = (try SharedNode.client(), Database())
        var batches = ["one", "two"]

        let lease = try await client.acquire("jobs/nightly", ttl: .seconds(15))
        while let batch = batches.popLast() {
            try lease.checkpoint()  // throws LeaseLost
            try await database.write(batch, fencedBy: lease.token)  // refuses a token lower than it has seen
        }
        try await lease.release()

        #expect(await database.rows == ["two", "one"])
        await #expect(throws: Database.Fenced.self) {
            try await database.write("late", fencedBy: Lease.Token(rawValue: 1))
        }
        await client.stop()
    }

    @Test func theErrorsOfTheExampleAreCaughtByTheirCases() async throws {
        let (first, client) = (try SharedNode.client(), try SharedNode.client())
        let mine = try await first.acquire("jobs/contended", ttl: .seconds(15))
        var said = ""
        do {
            let lease = try await client.acquire("jobs/contended", ttl: .seconds(15))
            said = "got it under \(lease.token)"
        } catch .refused(.held(let other)) {
            said = "\(other.holder) is at it, under token \(other.token)"
        } catch .notDone(let reason) {
            said = "nothing was done: \(reason)"
        } catch {
            said = "no answer in time"
        }
        #expect(said.hasSuffix(" is at it, under token \(mine.token)"))
        await first.stop()
        await client.stop()
    }

    @Test func theClientRunsBesideOtherServices() async throws {
        let client = try SharedNode.client()

        try await withThrowingTaskGroup { group in
            group.addTask { try await client.run() }
            group.addTask { try await client.withLease("services/scheduler", ttl: .seconds(10)) { _ in } }
            try await group.next()
            await client.stop()
        }
        await #expect(throws: LeaseholdError.notDone(.stopped)) { _ = try await client.get("services/scheduler") }
    }
}
