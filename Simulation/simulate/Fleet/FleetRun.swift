import Foundation
import LeaseholdBase
package import Simulator

/// Runs seeds one after the other in child processes, until they are done, the time is over or Ctrl-C is pressed.
package struct FleetRun {
    /// The first seed, and the last if there is one.
    var first: UInt64
    var last: UInt64?
    /// Real time after which no seed is begun, in milliseconds.
    var duration: Int?
    /// Which profiles take turns.
    var profiles: [Profile]
    /// How many children run at once.
    var jobs: Int
    /// Real time that a seed may take, in milliseconds.
    var timeout: Int
    /// Simulated trouble, if not as drawn.
    var trouble: Int?
    /// One seed in so many is run twice and compared; zero is none.
    var verifies = 0
    /// Where replay files of failing seeds go.
    var failures: String?
    /// How many failing seeds are reported in full.
    static let reportsMost = 5
    private(set) var tally = Tally()
    /// How many seeds there are to run; nil when only the time says.
    package var total: UInt64? { last.map { last in last - first == .max ? .max : last - first + 1 } }
    /// Real time that it took, in seconds.
    private(set) var elapsed = 0.0

    /// A fleet of one seed range.
    package init(first: UInt64, last: UInt64?, duration: Int?, profiles: [Profile], jobs: Int, timeout: Int) {
        (self.first, self.last, self.duration, self.profiles) = (first, last, duration, profiles)
        (self.jobs, self.timeout) = (jobs, timeout)
    }

    /// The profile of a seed.
    func profile(of seed: UInt64) -> Profile { profiles[Int(seed % UInt64(profiles.count))] }

    /// Runs it.
    mutating func run() throws {
        let supervisor = try Supervisor(jobs: jobs, timeout: timeout)
        let began = ContinuousClock.now
        var progress = FleetProgress()
        var seed: UInt64? = first
        var again: [Job] = []
        var hashes: [Int: UInt64] = [:]
        var number = 0
        var told = 0
        var tally = Tally()
        try supervisor.run(
            next: {
                if let job = again.popLast() { return job }
                guard let current = seed else { return nil }
                if let duration, began.duration(to: .now) >= .milliseconds(duration) { return nil }
                seed = current == last ?? .max ? nil : current + 1
                number += 1
                var job = Job(number: number, seed: current, profile: profile(of: current), trouble: trouble)
                job.isTold = told < Self.reportsMost
                return job
            },
            done: { job, ending, child in
                if case .answered(let result) = ending, let before = hashes.removeValue(forKey: -job.number) {
                    tally.verified += 1
                    if result.hash != before {
                        tally.differ(
                            job, "hash \(hexadecimal(before)) in one process, \(hexadecimal(result.hash)) in another")
                    }
                    return
                }
                var path: String?
                if case .answered(let result) = ending, result.outcome == .passed {
                    if verifies > 0, job.number % verifies == 0 {
                        var second = job
                        second.avoids = child
                        hashes[-job.number] = result.hash
                        again.append(second)
                    }
                } else {
                    told += 1
                    path = keep(job, ending)
                    Terminal.endProgress()
                    let again = path.map { "simulate replay \(shellQuoted($0))" } ?? job.command
                    Terminal.complain("failed: \(job.title), again with: \(again)")
                }
                tally.add(job, ending, replayFile: path)
            },
            tick: {
                progress.show(tally, elapsed: Self.seconds(since: began), total: total, duration: duration)
            })
        elapsed = Self.seconds(since: began)
        self.tally = tally
        Terminal.endProgress()
    }

    private static func seconds(since began: ContinuousClock.Instant) -> Double {
        began.duration(to: .now) / .seconds(1)
    }

    /// Writes the replay file of a seed that failed; answers its path.
    private func keep(_ job: Job, _ ending: Ending) -> String? {
        guard let failures else { return nil }
        let path = "\(failures)/\(job.profile.rawValue)-\(job.seed).json"
        var plan = job.expanded
        if case .answered(let result) = ending, let own = result.plan { plan = own }
        do throws(CommandFailure) { try ReplayFile.write(plan, to: path) } catch {
            Terminal.complain("simulate: \(error.message)")
            return nil
        }
        return path
    }
}
