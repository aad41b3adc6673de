import Foundation
import LeaseholdSystem

/// A process that runs seeds: told of jobs on its standard input, heard on its standard output, and its last words kept.
final class Child {
    /// Counted over the life of the parent, so that none is taken for another.
    let number: Int
    /// What it runs, since when, and until when it must have answered.
    private(set) var job: (job: Job, began: ContinuousClock.Instant)?
    private let process: ChildProcess
    private let input: Int32
    /// Its standard output, for poll.
    let output: Int32
    /// Its standard error, for poll.
    let error: Int32
    private var unread: [UInt8] = []
    private var lastWords: [UInt8] = []
    private var hasEnded = false
    private static let lastWordsMost = 16_384

    /// Starts one.
    init(number: Int, executable: String, arguments: [String]) throws {
        self.number = number
        let (input, output, error) = (try Pipe(), try Pipe(), try Pipe())
        var options = ChildProcess.Options(arguments: [executable] + arguments)
        options.input = input.readEnd
        options.output = output.writeEnd
        options.error = error.writeEnd
        options.hasOwnGroup = true
        options.diesWithParent = true
        options.environment =
            ProcessInfo.processInfo.environment.filter { $0.key != "SWIFT_BACKTRACE" }.map { "\($0.key)=\($0.value)" }
            + [LastWords.environment]
        process = try ChildProcess.spawn(executable: executable, options)
        for descriptor in [input.readEnd, output.writeEnd, error.writeEnd] { close(descriptor) }
        (self.input, self.output, self.error) = (input.writeEnd, output.readEnd, error.readEnd)
        for descriptor in [self.output, self.error] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    }

    private struct Pipe {
        let readEnd: Int32
        let writeEnd: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw CommandFailure("no pipe: \(String(cString: strerror(errno)))") }
            (readEnd, writeEnd) = (ends[0], ends[1])
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// Gives it a job; false when it is gone.
    func give(_ job: Job) -> Bool {
        guard var line = try? JSONEncoder().encode(job) else { return false }
        line.append(0x0A)
        let sent = line.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = Foundation.write(input, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
        lastWords = []
        self.job = (job, .now)
        return sent
    }

    /// Takes what it has said; its results, and whether it goes on.
    func listen() -> (results: [SeedResult], isAlive: Bool) {
        let said = Self.drain(error)
        lastWords += said.bytes
        if lastWords.count > Self.lastWordsMost { lastWords.removeFirst(lastWords.count - Self.lastWordsMost) }
        let heard = Self.drain(output)
        unread += heard.bytes
        var results: [SeedResult] = []
        while let end = unread.firstIndex(of: 0x0A) {
            let line = Data(unread[..<end])
            unread.removeFirst(end + 1)
            if let result = try? JSONDecoder().decode(SeedResult.self, from: line), result.number == job?.job.number {
                results.append(result)
                job = nil
            }
        }
        return (results, !heard.isEnded)
    }

    private static func drain(_ descriptor: Int32) -> (bytes: [UInt8], isEnded: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0 {
                return (bytes, true)
            } else if errno != EINTR {
                return (bytes, errno != EAGAIN)
            }
        }
    }

    /// Ends it if it still runs, and says how it ended and what it said last.
    func end(killing: Bool = true) -> (status: String, lastWords: [String]) {
        if killing { try? process.send(.kill) }
        close(input)
        let status = (try? process.wait()).map { "\(Self.describe($0))" } ?? "gone"
        lastWords += Self.drain(error).bytes
        close(output)
        close(error)
        hasEnded = true
        return (status, LastWords.select(String(decoding: lastWords, as: UTF8.self)))
    }

    private static func describe(_ status: ExitStatus) -> String {
        guard case .killed(let signal) = status else { return "\(status)" }
        let names = [
            SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGKILL: "SIGKILL",
            SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
        ]
        return "\(status) (\(names[signal] ?? "another"))"
    }
}
