import LeaseMachine
import LeaseholdBase
import Testing

/// The meaning of commands has a level, which the cluster itself raises.
@Suite struct LevelTests {
    /// A machine of a program that understands commands up to a level.
    private func log(knowing level: UInt64) -> TestLog {
        var log = TestLog()
        log.machine.knownLevel = level
        return log
    }

    private func raise(to level: UInt64, _ log: TestLog) -> [UInt8] {
        Settings.raise(to: level, newestSeen: log.machine.logTime).bytes
    }

    @Test func aRaiseIsTheSameOnEveryNodeThatUnderstandsIt() {
        var (one, other) = (log(knowing: 2), log(knowing: 7))
        let before = one.machine.digest
        #expect(one.apply(bytes: raise(to: 2, one)) == .settingsChanged)
        #expect(other.apply(bytes: raise(to: 2, other)) == .settingsChanged)
        #expect(one.machine.settings.level == 2 && one.machine.digest == other.machine.digest)
        #expect(one.machine.digest != before)
        // Two leaders in turn may raise it; it is raised once, and never lowered.
        #expect(one.apply(bytes: raise(to: 2, one)) == .settingsChanged)
        #expect(other.apply(bytes: raise(to: 3, other)) == .settingsChanged)
        #expect(other.apply(bytes: raise(to: 2, other)) == .refused(.tooOld))
        #expect(one.machine.settings.level == 2 && other.machine.settings.level == 3)
        #expect(one.violations == [] && other.violations == [])
    }

    @Test func aRaiseThatIsNotUnderstoodStopsTheNodeAndSaysBothLevels() throws {
        var machine = LeaseMachine()
        var output = ApplyOutput()
        let bytes = Settings.raise(to: 2, newestSeen: .zero).bytes
        let stamp = EntryStamp(index: LogIndex(1), logTime: .zero, wallTime: .zero)
        let error = #expect(throws: UnknownCommand.self) {
            try machine.apply(bytes.span.bytes, at: stamp, into: &output)
        }
        #expect(error == UnknownCommand(level: 2, known: 1))
        let words = try #require(error?.description)
        #expect(words.contains("level of commands to 2") && words.contains("levels up to 1"))
        #expect(words.contains("start a later version"))
    }

    @Test func noClientRaisesTheLevel() throws {
        var log = log(knowing: 2)
        let command = Command.settings(log.head(), [SettingChange(.level, 2), SettingChange(.pulse, 250_000_000)])
        let bytes = command.bytes
        let view = try CommandView(bytes.span.bytes)
        let refusal = view.refusal(under: log.machine.settings, knowing: 2)
        #expect(refusal == .settingInvalid)
        #expect(log.apply(command) == .refused(.settingInvalid))
        #expect(log.machine.settings == .initial)
    }

    @Test func aSnapshotOfAHigherLevelIsRefusedWithBothLevels() throws {
        var log = log(knowing: 3)
        _ = log.acquire("jobs/a")
        #expect(log.apply(bytes: raise(to: 3, log)) == .settingsChanged)
        let bytes = log.machine.snapshotBytes()
        var loader = SnapshotLoader(hashSeed: 1, knownLevel: 3)
        try loader.load(bytes.span.bytes)
        let loaded = try loader.finish()
        #expect(loaded.settings.level == 3 && loaded.digest == log.machine.digest && loaded.knownLevel == 3)
        for known in [1, 2] as [UInt64] {
            var older = SnapshotLoader(hashSeed: 1, knownLevel: known)
            let error = #expect(throws: SnapshotError.self) { try older.load(bytes.span.bytes) }
            guard case .unsupported("settings", _, let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains("to 3") && reason.contains("levels up to \(known)"))
            #expect(error?.code == "not_supported")
        }
    }
}
