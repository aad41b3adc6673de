import LeaseholdSystem

/// A directory of a test's own, gone with all in it at the end of the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/leasehold-test-\(CurrentProcess.id)-\(try SystemRandom.next())"
        try FileSystem.makeDirectory(path)
    }

    deinit { try? FileSystem.removeTree(path) }
}
