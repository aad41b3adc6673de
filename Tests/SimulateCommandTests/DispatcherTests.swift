import Simulator
import Testing
import simulate

@Suite struct DispatcherTests {
    func message(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        let dispatcher = Dispatcher(commands: Command.all)
        return #expect(throws: CommandFailure.self) {
            guard case .run(let command, let arguments) = try dispatcher.request(words) else { return }
            _ = try command.run(arguments)
        }?.message
    }

    @Test(arguments: [
        ("", "no command given; simulate --help lists them"),
        ("rnu 4", "unknown command 'rnu'; did you mean run?"),
        ("run", "SEED is missing: simulate run SEED [flags]"),
        ("run 1 2", "'2' is one word too many: simulate run SEED [flags]"),
        ("run x", "a seed is a whole number from 0 to 18446744073709551615, not 'x'"),
        (
            "run 18446744073709551616",
            "a seed is a whole number from 0 to 18446744073709551615, not '18446744073709551616'"
        ),
        ("run 1 --tme 5s", "unknown flag --tme; did you mean --time?"),
        ("run 1 --seeds 1..2", "unknown flag --seeds"),
        ("run -1", "a seed is a whole number from 0 to 18446744073709551615, not '-1'"),
        ("trace -1", "a seed is a whole number from 0 to 18446744073709551615, not '-1'"),
        ("run 1 --time 60", "--time takes a time such as 500ms, 1.5s, 2m or 1h, not '60'"),
        ("run 1 --time 0.0005s", "--time takes a time such as 500ms, 1.5s, 2m or 1h, not '0.0005s'"),
        ("run 1 --time 25h", "--time takes a time up to 24h, not '25h'"),
        ("fleet --seeds 1..2 --time 25h", "--time takes a time up to 24h, not '25h'"),
        ("run 1 --timeout 9999999999h", "--timeout takes a time up to 1000000h, not '9999999999h'"),
        ("trace 42 --to 9999999999h", "--to takes a time up to 1000000h, not '9999999999h'"),
        ("trace 42 --from 5s --to 1s", "--from is later than --to"),
        ("trace /nowhere --profile smoke", "--profile goes with a seed; what is in a file says it itself"),
        ("view /nowhere --time 5s -o /tmp/none", "--time goes with a seed; what is in a file says it itself"),
        ("crash-states --workload nope", "there is no workload 'nope'; --list tells which there are"),
        ("run 1 --profile some", "unknown profile 'some'; there are smoke, swarm, clocks, disks, quiet"),
        ("run 1 --time 5s --time 5s", "--time is given twice"), ("run 1 --json=x", "--json takes no value"),
        ("run 1 --profile", "--profile needs a value: --profile P"),
        ("run 1 --profile smok", "unknown profile 'smok'; did you mean smoke?"),
        ("run 1 --profile membership", "profile membership is not supported yet"),
        ("fleet", "--seeds or --duration is missing"),
        ("fleet --seeds 5..1", "--seeds 5..1 runs backward: 1..5 are the same seeds"),
        ("fleet --seeds 1..2 --jobs 0", "--jobs takes a whole number from 1 to 256, not '0'"),
        ("replay /nowhere/at/all", "cannot read /nowhere/at/all: No such file or directory"),
        ("check /", "cannot read /: Is a directory"),
        ("history 1 -o /nowhere/at/all", "cannot write /nowhere/at/all: No such file or directory"),
        (
            "fleet --seeds 1..2 --failures /dev/null/x",
            "cannot make the directory /dev/null/x: Not a directory"
        ),
    ]) func whatIsTypedWronglyIsSaidInOneLine(line: String, complaint: String) {
        #expect(message(line) == complaint)
    }

    @Test func helpIsACommandTooAndTakesAnother() throws {
        let dispatcher = Dispatcher(commands: Command.all)
        for (words, beginning) in [(["help"], "Whole Leasehold"), (["help", "run"], "Usage: simulate run")] {
            guard case .show(let text) = try dispatcher.request(words) else {
                Issue.record("\(words) show nothing")
                continue
            }
            #expect(text.hasPrefix(beginning))
        }
    }

    @Test(arguments: [
        ("500ms", 500), ("1.5s", 1_500), ("0.001s", 1), ("2m", 120_000), ("0.5h", 1_800_000), ("0s", 0),
    ]) func aTimeMayHaveAFractionThatIsAWholeNumberOfMilliseconds(text: String, time: Int) {
        #expect(milliseconds(text) == time)
    }

    @Test(arguments: [
        "", "s", "5", ".5s", "5.s", "1.2.3s", "0.5ms", "-1s", "99999999999999999999s", "9999999999999999h",
    ])
    func whatIsNoTimeIsNone(text: String) { #expect(milliseconds(text) == nil) }

    @Test func everyCommandHasHelpWithExamples() throws {
        for command in Command.all {
            guard case .show(let text) = try Dispatcher(commands: Command.all).request([command.name, "--help"]) else {
                Issue.record("\(command.name) has no help")
                continue
            }
            #expect(text.hasPrefix("Usage: simulate \(command.name)"))
            #expect(
                !command.examples.isEmpty && command.examples.allSatisfy { $0.contains("simulate \(command.name)") })
        }
    }

    @Test func whatWasNotSupportedNeverPasses() {
        #expect(Profile.supported == [.smoke, .swarm, .clocks, .disks, .quiet])
        #expect(Dispatcher(commands: Command.all).run(["run", "1", "--profile", "membership"]) == 1)
    }

    @Test func anExitStatusSaysWhatKindOfFailureItWas() {
        let codes = Outcome.allCases.map(\.exitCode)
        #expect(codes == [0, 10, 11, 12, 13, 14, 15, 16, 130])
        #expect(Set(Outcome.allCases.map(\.badness)).count == Outcome.allCases.count && Outcome.passed.badness == 0)
    }
}
