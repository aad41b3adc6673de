import LeaseholdCommand
import LeaseholdSystem
import Testing

@Suite struct NodeProcessTests {
    @Test func aKilledProcessIsStartedAgainAsItWas() throws {
        let directory = "/tmp/leasehold-node-process-\(try SystemRandom.next())"
        try FileSystem.makeDirectory(directory)
        defer { try? FileSystem.removeTree(directory) }
        let path = "\(directory)/log"
        let log = try File(path, .append)
        // A node in so far as the word is among its arguments. It says where and as what it runs, and waits for ever
        // unless it is told to stop.
        let script = "echo \"$0 $1 $MARK $(pwd -P)\"; [ -e stop ] || read -r line < wait"
        var options = ChildProcess.Options(arguments: ["sh", "-c", script, "serve", "two words"])
        options.environment = ["MARK=a b", "PATH=/bin:/usr/bin"]
        options.directory = directory
        options.output = log.number
        options.error = log.number
        var pipe = ChildProcess.Options(arguments: ["mkfifo", "wait"])
        pipe.directory = directory
        #expect(try ChildProcess.spawn(executable: "/bin/mkfifo", pipe).wait() == .exited(0))
        let first = try ChildProcess.spawn(executable: "/bin/sh", options)
        let process = try NodeProcess(first.id)
        #expect(process.isNode)
        #expect(!process.isGone)
        process.kill()
        #expect(try first.wait() == .killed(signal: 9))
        #expect(process.isGone)

        try FileSystem.writeAll([], to: "\(directory)/stop")
        #expect(try process.start().wait() == .exited(0))
        let lines = String(decoding: try FileSystem.readAll(path), as: UTF8.self).split(separator: "\n")
        #expect(lines.last == "serve two words a b \(directory)")
    }

    @Test func thisProcessServesNoNodeAndNoProcessIsNone() throws {
        #expect(!(try NodeProcess(CurrentProcess.id).isNode))
        #expect(throws: SystemError.self) { try NodeProcess(Int32.max) }
    }
}
