import Foundation
import LeaseholdBase
import Simulator

/// Runs a seed in two processes and compares the running hash after each event.
package struct Determinism {
    /// What the comparison came to.
    package enum Finding {
        case same(hash: UInt64, events: Int)
        /// The place in the sequence of hashes at which they part.
        case different(at: Int, first: UInt64?, second: UInt64?)
        /// One of the two said nothing.
        case failed(Job, Ending)
    }

    let job: Job
    let timeout: Int

    /// Runs it twice.
    func compare() throws -> Finding {
        let directory = FileManager.default.temporaryDirectory.path + "/simulate-\(getpid())-\(job.seed)"
        try TextFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let paths = ["\(directory)/1", "\(directory)/2"]
        var rest = [1, 2]
        var failed: (Job, Ending)?
        var final: [UInt64] = []
        // Two children, each of which takes one: neither is done before the other has begun.
        let supervisor = try Supervisor(jobs: 2, timeout: timeout)
        try supervisor.run(
            next: {
                guard let number = rest.popLast() else { return nil }
                var job = self.job
                job.number = number
                job.hashes = paths[number - 1]
                return job
            },
            done: { job, ending, _ in
                if case .answered(let result) = ending { final.append(result.hash) } else { failed = (job, ending) }
            })
        if Interruption.hasCome { throw CommandFailure.interrupted }
        if let failed { return .failed(failed.0, failed.1) }
        guard let first = HashFile.read(paths[0]), let second = HashFile.read(paths[1]), final.count == 2,
            !first.isEmpty
        else {
            throw CommandFailure("the two runs left no hashes to compare")
        }
        return Self.compare(first, second, final: final)
    }

    /// Compares two sequences, and the hashes over all.
    package static func compare(_ first: [UInt64], _ second: [UInt64], final: [UInt64]) -> Finding {
        let length = min(first.count, second.count)
        if let place = (0..<length).first(where: { first[$0] != second[$0] }) {
            return .different(at: place, first: first[place], second: second[place])
        }
        if first.count != second.count || final[0] != final[1] {
            return .different(
                at: length, first: first.count > length ? first[length] : nil,
                second: second.count > length ? second[length] : nil)
        }
        return .same(hash: final[0], events: first.count)
    }
}
