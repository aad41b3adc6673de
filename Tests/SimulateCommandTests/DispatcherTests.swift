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
        ("run 1 --time 60", "--time takes a time such as 500ms, 15s, 2m or 1h, not '60'"),
        ("run 1 --time 5s --time 5s", "--time is given twice"), ("run 1 --json=x", "--json takes no value"),
        ("run 1 --profile", "--profile needs a value: --profile P"),
        ("run 1 --profile smok", "unknown profile 'smok'; did you mean smoke?"),
        ("fleet", "--seeds or --duration is missing"),
        ("fleet --seeds 5..1", "--seeds takes a range such as 1..3000, not '5..1'"),
        ("fleet --seeds 1..2 --jobs 0", "--jobs takes a whole number from 1 to 256, not '0'"),
        ("replay /nowhere/at/all", "cannot read /nowhere/at/all"),
    ]) func whatIsTypedWronglyIsSaidInOneLine(line: String, complaint: String) {
        #expect(message(line) == complaint)
    }

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

    @Test func aFleetTakesEveryProfileInTurn() {
        #expect(Profile.supported == [.smoke, .swarm, .clocks, .disks, .membership, .quiet])
        #expect(Dispatcher(commands: Command.all).run(["run", "1", "--profile", "restores"]) == 1)
    }

    @Test func anExitStatusSaysWhatKindOfFailureItWas() {
        let codes = Outcome.allCases.map(\.exitCode)
        #expect(codes == [0, 10, 11, 12, 13, 14, 15, 16])
        #expect(Set(Outcome.allCases.map(\.badness)).count == Outcome.allCases.count && Outcome.passed.badness == 0)
    }
}
