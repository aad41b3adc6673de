import LeaseholdBase
import LeaseholdSystem
import Testing

@Suite struct ProcessTests {
    func shell(_ script: String) -> ChildProcess.Options { ChildProcess.Options(arguments: ["sh", "-c", script]) }

    @Test func aChildTellsHowItEnded() throws {
        let child = try ChildProcess.spawn(executable: "/bin/sh", shell("exit 7"))
        #expect(try child.wait() == .exited(7))
        let error = #expect(throws: SystemError.self) { _ = try child.poll() }
        #expect(error?.code == .noChild)
    }

    @Test func aChildInAGroupOfItsOwnEndsByASignal() throws {
        var options = shell("kill -STOP $$")
        options.hasOwnGroup = true
        let child = try ChildProcess.spawn(executable: "/bin/sh", options)
        #expect(try child.poll() == nil)
        try child.send(.kill)
        #expect(try child.wait() == .killed(signal: 9))
    }

    @Test func aChildHasTheEnvironmentAndTheDirectoryItWasGiven() throws {
        let directory = try TemporaryDirectory()
        let output = try File("\(directory.path)/output", .append)
        try output.write(Array("before ".utf8).span.bytes, at: 0)
        var options = shell("echo \"$A-$HOME-$(pwd -P)\"")
        options.environment = ["A=1 2", "PATH=/bin:/usr/bin"]
        options.directory = "/usr"
        options.hasOwnSession = true
        options.output = output.number
        #expect(try ChildProcess.spawn(executable: "/bin/sh", options).wait() == .exited(0))
        let text = String(decoding: try FileSystem.readAll("\(directory.path)/output"), as: UTF8.self)
        #expect(text == "before 1 2--/usr\n")
        #expect(try FileSystem.linkTarget(of: "/proc/self/exe") == CurrentProcess.executable())
    }

    @Test func aProgramThatIsNotThereFailsAtOnce() {
        let error = #expect(throws: SystemError.self) {
            _ = try ChildProcess.spawn(executable: "/nonexistent", .init(arguments: ["x"]))
        }
        #expect(error == SystemError(call: .spawn, code: .notFound))
    }

    @Test func aChildIsKilledWhenTheThreadThatStartedItEnds() throws {
        let started = Monitor<ChildProcess?>(nil)
        let thread = try SystemThread(name: "parent") {
            var options = ChildProcess.Options(arguments: ["sleep", "1000"])
            options.diesWithParent = true
            let child = try? ChildProcess.spawn(executable: "/bin/sleep", options)
            started.change { $0 = child }
        }
        thread.join()
        let child = try #require(started.withLock { $0 })
        #expect(try child.wait() == .killed(signal: 9))
    }

    @Test func aSignalIsReadInsteadOfInterrupting() throws {
        let seen = Monitor<[Signal?]>([])
        // Signals raised by a thread go to that thread, so the rest of the test process is left in peace.
        let thread = try SystemThread(name: "signals") {
            guard let queue = try? SignalQueue([.hangUp, .terminate]) else { return }
            let before = try? queue.next()
            raise(.hangUp)
            let after = try? queue.next()
            seen.change { $0 = [before, after] }
        }
        thread.join()
        #expect(seen.withLock { $0 } == [nil, .hangUp])
    }

    @Test func theProcessKnowsItself() throws {
        #expect(try CurrentProcess.executable().hasPrefix("/"))
        #expect(CurrentProcess.environment("PATH") != nil)
        #expect(CurrentProcess.environment("LEASEHOLD_IS_NOT_SET") == nil)
        #expect(!CurrentProcess.hostName.isEmpty)
        #expect(try #require(CurrentProcess.residentBytes()) > 1 << 20)
        #expect(CurrentProcess.raiseDescriptorLimit() > 0)
    }

    @Test func clocksRunAndRandomNumbersDiffer() throws {
        let first = SystemClocks.now
        let second = SystemClocks.now
        #expect(first.steady <= second.steady)
        #expect(first.wall.rawValue > 1_600_000_000_000_000_000)
        #expect(try SystemRandom.next() != SystemRandom.next())
    }
}
