internal import LeaseMachine
internal import Leasehold
package import LeaseholdBase
package import LeaseholdClientCore
internal import LeaseholdSystem
internal import LeaseholdWire

/// One client of the cluster for as long as a command runs: asks, waits, and says why when there is no answer.
///
/// ```swift
/// var session = try ClientSession(invocation.arguments)
/// let answer = try session.ask { core, now in try core.get(name: name, now: now) }
/// ```
package struct ClientSession: ~Copyable {
    var loop: ClientLoop
    let place: Int
    private let endpoints: [Endpoint]
    private let timeout: Nanoseconds
    /// When the command as a whole ends.
    private var deadline: SteadyTime
    /// The command that shows what came of a request whose outcome is unknown.
    var shownBy = "leasehold get"
    /// What names the last request in the log, once it was sent.
    package private(set) var lastRequest: RequestID?

    /// More than any cluster has nodes.
    private static var connectionsMax: Int { 64 }
    /// How long an acquire of unknown outcome may take to be undone before the command ends.
    private static var undoPatience: Nanoseconds { .seconds(1) }

    /// A client of the cluster that the arguments name.
    package init(_ arguments: Arguments) throws(CommandFailure) {
        let endpoints = try arguments.endpoints()
        let timeout = try arguments.timeout()
        try WhoseEndpoints.confirm(endpoints, within: timeout)
        try self.init(endpoints, timeout)
    }

    /// A client of the cluster at these endpoints.
    init(_ endpoints: [Endpoint], _ timeout: Nanoseconds) throws(CommandFailure) {
        do throws(SystemError) { try self.init(dialing: endpoints, timeout) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
    }

    private init(dialing endpoints: [Endpoint], _ timeout: Nanoseconds) throws(SystemError) {
        var configuration = ClientConfiguration(endpoints: endpoints.map(\.description))
        configuration.timeout = timeout
        let core = ClientCore(
            configuration: configuration, instance: ClientInstance(try SystemRandom.next()),
            seed: try SystemRandom.next(), now: SystemClocks.steady)
        loop = try ClientLoop(connectionsMax: Self.connectionsMax)
        place = loop.add(core)
        self.endpoints = endpoints
        self.timeout = timeout
        deadline = SystemClocks.steady + timeout
    }

    /// Makes a request within what is left of the command's time, and waits for what comes of it.
    package mutating func ask(
        _ submit: (inout ClientCore, SteadyTime) throws(SubmissionError) -> RequestHandle
    ) throws(CommandFailure) -> RequestAnswer {
        switch try result(submit) {
        case .done(let answer): return answer
        case .notDone(let reason): throw notDone(reason)
        case .unknown: throw CommandFailure.unknownOutcome(within: timeout, shownBy: shownBy)
        }
    }

    /// As ``ask(_:)``, for those who treat the unknown in a way of their own.
    package mutating func result(
        _ submit: (inout ClientCore, SteadyTime) throws(SubmissionError) -> RequestHandle
    ) throws(CommandFailure) -> RequestResult {
        let request: RequestHandle
        do throws(SubmissionError) { request = try submit(&loop.cores[place], SystemClocks.steady) } catch {
            throw CommandFailure(error)
        }
        loop.touch(place)
        var waiting = WaitingLine()
        defer { waiting.end() }
        do throws(SystemError) {
            while true {
                try loop.turn(until: min(deadline + .seconds(1), waiting.due))
                waiting.show {
                    let refusal = loop.cores[place].lastRefusal(of: request)?.message ?? ""
                    return refusal.isEmpty ? "waiting for the leader" : "waiting: \(refusal)"
                }
                if let id = loop.cores[place].requestID(of: request) { lastRequest = id }
                for news in loop.news {
                    if case .completed(request, let result) = news.effect { return result }
                }
            }
        } catch { throw CommandFailure(.ioError, "\(error)") }
    }

    /// Gives the next request the whole of the time again, in what is to take as long as it takes.
    package mutating func restart() { deadline = SystemClocks.steady + timeout }

    /// What is thrown when nothing was done.
    package func notDone(_ reason: NotDone) -> CommandFailure {
        CommandFailure(reason, asking: endpoints, within: timeout)
    }

    /// How much of the command's time is left.
    package var remaining: Nanoseconds { max(deadline - SystemClocks.steady, .zero) }

    /// The claims of a renewal's answer, which the next request forgets.
    package func renewals(_ range: Range<Int>) -> [RenewedClaim] { Array(loop.cores[place].renewals[range]) }

    /// What is thrown when an answer is not one to what was asked.
    package static func unexpected(_ answer: RequestAnswer) -> CommandFailure {
        if case .outcome(let outcome) = answer, case .refused(let error) = outcome { return CommandFailure(error) }
        return CommandFailure(.internal, "the cluster answered something else than was asked")
    }

    /// Gives the client a moment to undo what it does not know the outcome of. True when nothing is left to be undone.
    package mutating func settle() -> Bool {
        let end = SystemClocks.steady + Self.undoPatience
        while loop.cores[place].requestsUnderWay > 0, SystemClocks.steady < end {
            guard (try? loop.turn(until: end)) != nil else { return false }
        }
        return loop.cores[place].requestsUnderWay == 0
    }
}
