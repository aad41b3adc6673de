import Foundation

extension Command {
    /// Whether every planted bug is found, by a property that is named for it. The bugs are in one extra build only.
    static let mutants = Command(
        "mutants",
        flags: [
            .value("bug", "NAME[,NAME…]", "only these bugs (default: all)"),
            .value("budget", "N", "only bugs that are to be found within so many seeds"),
            .value("rounds", "N", "how often each is looked for, each time among other seeds (default 5)"),
            .value("seeds", "A", "the first seed of the first round (default 1)"),
            .value("most", "N", "seeds that a round takes at most, if its bug's budget is not less"),
            .value("jobs", "N", "child processes at once (default: the number of processors)"), .timeout,
            .value("table", "FILE", "also write the table there, in Markdown"),
            .present("list", "only say which bugs there are"),
        ],
        summary: "Looks for every planted bug, and tells how many seeds it took to find it.",
        details: """
            The bugs are compiled into one extra build, and into no other:
              \(recipe.joined(separator: "\n  "))
            The exit status is 0 when each bug was found in each round by a property that is named for it, and 10 when
            one was not; after Ctrl-C it is 130, and what was not done is told. A seed that fails by another property, by a
            trap, or has no end finds nothing, and is told. Each round has seeds of its own: the first ones of two rounds are a million apart.
            """,
        examples: [
            "simulate mutants --list", "simulate mutants --rounds 1 --budget 100",
            "simulate mutants --rounds 5 --table mutants.md",
        ]
    ) { arguments throws(CommandFailure) in
        #if PLANTED_BUGS
        return try hunt(arguments)
        #else
        throw CommandFailure("this build holds no planted bugs; make the one that does: " + plantedBuild)
        #endif
    }

    /// How to make the build that has the bugs, on lines of their own.
    static let plantedBuild = "\n  " + recipe.joined(separator: "\n  ")

    private static let recipe = [
        "swift build -c release --product simulate -Xswiftc -DPLANTED_BUGS --scratch-path .build/planted",
        ".build/planted/release/simulate mutants",
    ]
}

#if PLANTED_BUGS
import LeaseholdBase

extension Command {
    private static func hunt(_ arguments: Arguments) throws(CommandFailure) -> Int32 {
        var bugs = PlantedBug.allCases
        if let named = arguments.text("bug") {
            bugs = []
            for name in named.split(separator: ",").map(String.init) {
                guard let bug = PlantedBug(rawValue: name) else {
                    let hint = nearest(to: name, among: PlantedBug.allCases.map(\.rawValue))
                    throw CommandFailure("no bug is called '\(name)'" + (hint.map { "; did you mean \($0)?" } ?? ""))
                }
                bugs.append(bug)
            }
        }
        if let budget = try arguments.integer("budget", in: 1...1_000_000) {
            bugs.removeAll { $0.trial.seeds > budget }
        }
        guard !bugs.isEmpty else { throw CommandFailure("there is no such bug; simulate mutants --list shows all") }
        if arguments.has("list") {
            for bug in bugs { Terminal.say(MutantTable.description(of: bug)) }
            return 0
        }
        let rounds = try arguments.integer("rounds", in: 1...1_000) ?? 5
        var hunt = MutantHunt(
            bugs, rounds: rounds,
            from: try arguments.integer("seeds", in: 0...Int.max / 2).map { UInt64($0) } ?? 1,
            most: try arguments.integer("most", in: 1...1_000_000) ?? .max)
        let jobs = try arguments.integer("jobs", in: 1...256) ?? ProcessInfo.processInfo.activeProcessorCount
        let timeout = try arguments.time("timeout") ?? 120_000
        if let path = arguments.text("table") { try TextFile.expectWritable(path) }
        let began = ContinuousClock.now
        try reporting { try hunt.run(Supervisor(jobs: jobs, timeout: timeout)) }
        let table = MutantTable(bugs, rounds: rounds, hunt.results)
        for line in table.lines { Terminal.say(line) }
        if let path = arguments.text("table") {
            try TextFile.write(table.lines.joined(separator: "\n") + "\n", to: path)
        }
        Terminal.say(
            "\(bugs.count - table.missed.count - table.unreached.count) of \(bugs.count) planted bugs found as they should be, in "
                + FleetProgress.span(began.duration(to: .now) / .seconds(1)))
        for line in table.strays { Terminal.say("OTHERWISE \(line)") }
        for line in table.missed { Terminal.say("MISSED \(line)") }
        for line in table.unreached { Terminal.say("NOT DONE \(line)") }
        if !table.missed.isEmpty { return Outcome.safety.exitCode }
        return hunt.isComplete ? 0 : Outcome.interrupted.exitCode
    }
}
#endif
