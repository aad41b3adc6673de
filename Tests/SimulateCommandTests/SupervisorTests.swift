import Simulator
import Testing
import simulate

/// Against children that are shell scripts, which end, hang and talk as they are told.
@Suite(.serialized) struct SupervisorTests {
    func supervisor(_ script: String, timeout: Int = 60_000, jobs: Int = 1) throws -> Supervisor {
        try Supervisor(jobs: jobs, timeout: timeout, executable: "/bin/sh", arguments: ["-c", script])
    }

    /// Answers each job with its number, as one that passed.
    static let answering = """
        while read line; do
            number=$(echo "$line" | sed 's/.*"number":\\([0-9]*\\).*/\\1/')
            echo '{"number":'$number',"outcome":"passed","headline":"","hash":7,"report":[],"micros":1,"cpuMicros":1,\
        "figures":FIGURES,"coverage":COVERAGE}'
        done
        """.replacing("FIGURES", with: JSONText.line(Figures())).replacing("COVERAGE", with: JSONText.line(Coverage()))

    @Test func aTrapEndsItsChildAndNothingElse() throws {
        let dying = "read line; echo 'Fatal error: index out of range' >&2; kill -ILL $$"
        guard case .crashed(let status, let lastWords) = try supervisor(dying).run(Job(seed: 1, profile: .smoke)) else {
            Issue.record("not seen as a crash")
            return
        }
        #expect(status == "killed by signal 4 (SIGILL)")
        #expect(lastWords == ["Fatal error: index out of range"])
        var tally = Tally()
        tally.add(Job(seed: 1, profile: .smoke), .crashed(status: status, lastWords: lastWords))
        #expect(tally.worst == .crash && tally.worst.exitCode == 14)
        #expect(tally.failures[0].report.contains("    Fatal error: index out of range"))
        #expect(tally.failures[0].command == "simulate run 1 --profile smoke")
    }

    @Test func ofARunThatTrapsBeforeItsFirstEventOnlyThatIsTold() throws {
        let dying = "read line; echo 'Fatal error: index out of range' >&2; kill -ILL $$"
        let job = Job(seed: 1, profile: .smoke)
        let failure = #expect(throws: CommandFailure.self) { try Observation(of: job, by: supervisor(dying)) }
        #expect(failure?.exitStatus == 14 && failure?.message.contains("Fatal error: index out of range") == true)
        #expect(failure?.message.hasPrefix("seed 1 profile smoke FAILED: crash") == true)
    }

    /// Ends itself whenever it is not told where the run is to be ended, and says in which event that is.
    @Test func aRunThatTrapsIsSeenUntilThen() throws {
        let script = """
            while read line; do
                case "$line" in *'"abort"'*) ;; *)
                    file=$(echo "$line" | sed -n 's/.*"eventFile":"\\([^"]*\\)".*/\\1/p' | tr -d '\\\\')
                    [ -n "$file" ] && printf '\\364\\001\\000\\000\\000\\000\\000\\000' > "$file"
                    echo 'Fatal error: index out of range' >&2
                    kill -ILL $$
                esac
                echo '{"number":0,"outcome":"safety","headline":"","hash":7,"report":[],"micros":1,"cpuMicros":1,\
            "figures":FIGURES,"coverage":COVERAGE}'
            done
            """.replacing("FIGURES", with: JSONText.line(Figures()))
            .replacing("COVERAGE", with: JSONText.line(Coverage()))
        let seen = try Observation(of: Job(seed: 1, profile: .smoke), by: supervisor(script))
        #expect(seen.outcome == .crash && seen.report.figures.events == 500)
        #expect(seen.recorder.events.allSatisfy { $0.event < 500 } && seen.report.violations.map(\.property) == [0])
        #expect(seen.report.violations.first?.what.contains("SIGILL") == true)
        #expect(seen.report.violations.first?.what.contains("index out of range") == true)
    }

    @Test func whatTakesTooLongIsKilled() throws {
        let hanging = "read line; exec sleep 600"
        guard case .timedOut = try supervisor(hanging, timeout: 50).run(Job(seed: 1, profile: .smoke)) else {
            Issue.record("not seen as too slow")
            return
        }
    }

    @Test func everyJobIsAnsweredOnceThoughChildrenDie() throws {
        // Every child dies at its third job.
        let script = Self.answering.replacing(
            "while read line; do",
            with: """
                count=0
                while read line; do
                    count=$((count + 1))
                    [ $count = 3 ] && kill -KILL $$
                """)
        var given = 0
        var ended: [Int] = []
        var crashes = 0
        try supervisor(script, jobs: 2).run(
            next: {
                guard given < 20 else { return nil }
                given += 1
                return Job(number: given, seed: UInt64(given), profile: .swarm)
            },
            done: { job, ending, _ in
                ended.append(job.number)
                if case .crashed = ending { crashes += 1 }
            })
        #expect(ended.sorted() == Array(1...20))
        #expect(crashes > 3 && crashes < 10)
    }

    @Test func aJobThatIsComparedIsNeverGivenToTheChildThatRanItFirst() throws {
        var again: [Job] = []
        var rest = (1...6).map { Job(number: $0, seed: UInt64($0), profile: .swarm) }
        var first: [Int: Int] = [:]
        var compared = 0
        try supervisor(Self.answering).run(
            next: { again.popLast() ?? rest.popLast() },
            done: { job, _, child in
                if let before = first[job.number] {
                    #expect(before != child)
                    compared += 1
                } else {
                    first[job.number] = child
                    var second = job
                    second.avoids = child
                    again.append(second)
                }
            })
        #expect(compared == 6)
    }
}
