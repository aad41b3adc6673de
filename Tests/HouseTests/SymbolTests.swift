import Foundation
import Testing

/// What the sources hide, the objects show: a call to a clock, to chance or to the task runtime leaves its symbol.
@Suite struct SymbolTests {
    static let listing = "/usr/bin/nm"
    static let banned = [
        "clock_gettime", "gettimeofday", "time", "getrandom", "arc4random_buf", "swift_stdlib_random", "random",
        "pthread_create", "pthread_mutex_lock", "open", "read", "write", "socket",
    ]
    static let bannedPrefixes = ["swift_task_", "swift_job_", "$ss5print", "$ss27SystemRandomNumberGenerator", "$sSc"]

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: listing)), arguments: Repository.pureTargets)
    func aPureTargetsObjectsCallNoClockNoChanceAndNoTask(target: String) throws {
        for configuration in ["debug", "release"] {
            let folder = ".build/\(configuration)/\(target).build"
            for object in try Repository.files(below: folder, endings: ["o"]) where try isCurrent(object, of: target) {
                let called = try undefinedSymbols(of: object).filter { symbol in
                    Self.banned.contains(symbol) || Self.bannedPrefixes.contains { symbol.hasPrefix($0) }
                }
                #expect(called.isEmpty, "\(object) calls \(called.joined(separator: ", "))")
            }
        }
    }

    /// Objects of files that no longer exist stay in the build folder.
    private func isCurrent(_ object: String, of target: String) throws -> Bool {
        guard let name = object.split(separator: "/").last?.dropLast(2), name.hasSuffix(".swift") else { return true }
        return try Repository.files(below: "Sources/\(target)").contains { $0.hasSuffix("/\(name)") }
    }

    private func undefinedSymbols(of object: String) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: Self.listing)
        process.arguments = ["-u", "-j", Repository.root.appending(path: object).path()]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
