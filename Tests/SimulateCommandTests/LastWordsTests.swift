import Testing
import simulate

@Suite struct LastWordsTests {
    @Test func whereATrapWasIsFoundInTheBacktrace() {
        let text = """
            seed 4 profile swarm
            Raft/Raft.swift:7: Fatal error: a bound was passed

            *** Program crashed: Illegal instruction at 0x00007f67a44f9361 ***

            Thread 0 "simulate" crashed:

            0               0x00007f67a44f9361 _assertionFailure(_:_:file:line:flags:) + 225 in libswiftCore.so
            1 [ra] [inlined] 0x000055cf0c3b722d Raft.step(_:now:into:) in simulate at /a/Sources/Raft/Raft.swift:41:67
            2 [ra]           0x000055cf0c3b5802 closure #1 in run + 381 in simulate at /a/RunCommand.swift:22:20
            Backtrace took 0.43s
            """
        #expect(
            LastWords.select(text) == [
                "Raft/Raft.swift:7: Fatal error: a bound was passed",
                "*** Program crashed: Illegal instruction at 0x00007f67a44f9361 ***",
                "Raft.swift:41:67 Raft.step(_:now:into:)", "RunCommand.swift:22:20 closure #1 in run + 381",
            ])
    }

    @Test func withoutABacktraceTheNewestLinesAreKept() {
        let lines = (1...50).map { "line \($0)" }
        #expect(LastWords.select(lines.joined(separator: "\n")) == Array(lines.suffix(10)))
        #expect(LastWords.select("") == [])
    }
}
