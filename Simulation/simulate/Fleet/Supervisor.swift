import Foundation
import LeaseholdSystem

/// How a job ended, as seen from outside its process.
package enum Ending: Sendable {
    /// The child answered.
    case answered(SeedResult)
    /// The child is gone.
    case crashed(status: String, lastWords: [String])
    /// It took too long and was killed.
    case timedOut(afterMilliseconds: Int)
}

/// Runs jobs in child processes: what ends or stops one of them ends nothing else.
package final class Supervisor {
    private let executable: String
    private let arguments: [String]
    private let timeout: Int
    private var children: [Child?]
    private var started = 0

    /// A supervisor of so many children at once.
    /// - Parameters:
    ///   - jobs: How many.
    ///   - timeout: Milliseconds of real time that a job may take.
    ///   - executable: The program that the children run; nil is this process's own.
    package init(
        jobs: Int, timeout: Int, executable: String? = nil, arguments: [String] = [SeedRunner.word]
    ) throws(CommandFailure) {
        do throws(SystemError) {
            self.executable = if let executable { executable } else { try CurrentProcess.executable() }
        } catch { throw CommandFailure("cannot find my own program: \(error)") }
        self.arguments = arguments
        self.timeout = timeout
        children = Array(repeating: nil, count: max(1, jobs))
        Interruption.watch()
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { for child in children { _ = child?.end() } }

    /// Runs one job; throws ``CommandFailure/interrupted`` when it has not ended before Ctrl-C.
    package func run(_ job: Job) throws -> Ending {
        var rest = [job]
        var ending: Ending?
        try run(next: { rest.popLast() }, done: { _, how, _ in ending = how })
        guard let ending else { throw CommandFailure.interrupted }
        return ending
    }

    /// Runs jobs as they come, until there is none and all have ended, or Ctrl-C is pressed.
    /// - Parameters:
    ///   - next: The next job, nil when there is none at the moment.
    ///   - done: What became of a job; it may make further ones.
    ///   - tick: Called several times a second.
    package func run(
        next: () -> Job?, done: (_ job: Job, _ ending: Ending, _ child: Int) -> Void, tick: () -> Void = {}
    ) throws {
        while !Interruption.hasCome {
            for slot in children.indices where children[slot]?.job == nil {
                guard let job = next() else { break }
                if let child = children[slot], job.avoids == child.number {
                    _ = child.end(killing: false)
                    children[slot] = nil
                }
                let child = try children[slot] ?? start()
                children[slot] = child
                if !child.give(job) {
                    children[slot] = nil
                    let last = child.end()
                    done(job, .crashed(status: last.status, lastWords: last.lastWords), child.number)
                }
            }
            guard children.contains(where: { $0?.job != nil }) else { break }
            wait()
            for slot in children.indices { hear(slot, done) }
            tick()
        }
        if Interruption.hasCome {
            for slot in children.indices {
                _ = children[slot]?.end()
                children[slot] = nil
            }
        }
    }

    private func start() throws -> Child {
        started += 1
        return try Child(number: started, executable: executable, arguments: arguments)
    }

    private func wait() {
        var watched = children.compactMap { $0 }.flatMap { child in
            [child.output, child.error].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        }
        _ = poll(&watched, nfds_t(watched.count), 100)
    }

    private func hear(_ slot: Int, _ done: (Job, Ending, Int) -> Void) {
        guard let child = children[slot], let (job, began) = child.job else { return }
        let (results, isAlive) = child.listen()
        for result in results { done(job, .answered(result), child.number) }
        if !isAlive {
            children[slot] = nil
            let last = child.end(killing: false)
            if results.isEmpty {
                done(job, .crashed(status: last.status, lastWords: last.lastWords), child.number)
            }
        } else if results.isEmpty, began.duration(to: .now) > .milliseconds(timeout) {
            children[slot] = nil
            _ = child.end()
            done(job, .timedOut(afterMilliseconds: timeout), child.number)
        }
    }
}
