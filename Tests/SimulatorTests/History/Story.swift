import LeaseMachine
import LeaseholdBase
import LeaseholdWire
import Simulator
import Testing

/// A history told by hand: times are small numbers, every client has the label `cN`, every name is `a` unless it says so.
struct Story: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var history = History()
    private var sequence: UInt64 = 0

    /// A story with a title, told by the closure.
    init(_ title: String, trusted: Bool = true, _ tell: (inout Story) -> Void) {
        testDescription = title
        history.areClocksTrusted = trusted
        tell(&self)
    }

    private mutating func add(
        _ client: Int, _ question: Operation.Question, _ from: UInt64, _ to: UInt64, _ result: Operation.Result,
        beliefs: [UInt64] = []
    ) {
        sequence += 1
        history.append(
            Operation(
                client: client,
                request: RequestID(instance: ClientInstance(UInt64(client)), sequence: RequestSequence(sequence)),
                invoked: from, completed: to, question: question, result: result, beliefs: beliefs))
    }

    private func asks(_ client: Int, _ name: String, _ value: [UInt8], _ isKept: Bool = false) -> Operation.Question {
        .acquire(Acquire(name: name, holder: "c\(client)", ttl: Nanoseconds(100), value: value), isKept: isKept)
    }

    /// The request of the latest call.
    var latest: RequestID { history.operations.last?.request ?? RequestID(instance: .init(0), sequence: .init(0)) }

    /// An acquire that got the lease; the client believes for so long.
    mutating func grant(
        _ client: Int, _ token: UInt64, _ from: UInt64, _ to: UInt64, until: UInt64? = nil, value: [UInt8] = [],
        name: String = "a", kept: Bool = false
    ) {
        let status = ClaimStatus.holding(token: FencingToken(token), validFor: Nanoseconds(100))
        add(
            client, asks(client, name, value, kept), from, to,
            .done(.outcome(.acquired(claim: ClaimID(token), status))),
            beliefs: [until ?? from + 100])
    }

    /// An acquire that got the lease and was answered when it was over again.
    mutating func grantAndEnd(
        _ client: Int, _ token: UInt64, _ from: UInt64, _ to: UInt64, _ reason: EndReason = .expired
    ) {
        let outcome = Outcome.acquired(claim: ClaimID(token), .ended(reason))
        add(client, asks(client, "a", []), from, to, .done(.outcome(outcome)), beliefs: [0])
    }

    /// An acquire that found the lease held.
    mutating func held(_ client: Int, by token: UInt64, of holder: Int, _ from: UInt64, _ to: UInt64) {
        let held = LeaseError.Held(
            name: "a", holder: "c\(holder)", token: FencingToken(token), remaining: Nanoseconds(50))
        add(client, asks(client, "a", []), from, to, .done(.outcome(.refused(.held(held)))))
    }

    /// An acquire of which nothing more was heard, or that was not done.
    mutating func acquire(
        _ client: Int, _ from: UInt64, _ to: UInt64 = .max, _ result: Operation.Result = .unanswered
    ) {
        add(client, asks(client, "a", []), from, to, result)
    }

    /// A release.
    mutating func release(
        _ client: Int, _ token: UInt64, _ from: UInt64, _ to: UInt64 = .max, _ reason: EndReason? = .released,
        open: Bool = false, name: String = "a"
    ) {
        let claim = ClaimReference(claim: ClaimID(token), name: name)
        let outcome: Outcome = reason.map { .released(claim: claim.claim, $0) } ?? .refused(.claimUnknown)
        add(client, .release(claim), from, to, open ? .unknown : .done(.outcome(outcome)))
    }

    /// A renewal of one claim.
    mutating func renew(_ client: Int, _ token: UInt64, _ from: UInt64, _ to: UInt64, _ status: ClaimStatus? = nil) {
        let holding = ClaimStatus.holding(token: FencingToken(token), validFor: Nanoseconds(100))
        let status = status ?? holding
        let belief = if case .holding = status { from + 100 } else { 0 as UInt64 }
        add(
            client, .renew([Renewal(claim: ClaimID(token), name: "a")]), from, to, .done(.renewed([status])),
            beliefs: [belief])
    }

    /// An update of the value.
    mutating func update(
        _ client: Int, _ token: UInt64, _ value: UInt8, _ from: UInt64, _ to: UInt64 = .max, open: Bool = false
    ) {
        let update = Update(claim: ClaimReference(claim: ClaimID(token), name: "a"), value: [value])
        let done = Operation.Result.done(.outcome(.updated(claim: ClaimID(token))))
        add(client, .update(update), from, to, open ? .unknown : done)
    }

    /// A cancel of an acquire.
    mutating func cancel(
        _ client: Int, _ target: RequestID, _ from: UInt64, _ to: UInt64, _ found: Cancellation? = nil,
        otherwise: Operation.Result = .unknown
    ) {
        let result = found.map { Operation.Result.done(.outcome(.cancelled($0))) } ?? otherwise
        add(client, .cancel(Cancel(target: target, name: "a")), from, to, result)
    }

    static func view(_ name: String, _ token: UInt64, of holder: Int, _ value: [UInt8] = []) -> LeaseView {
        let holders =
            token == 0
            ? []
            : [
                LeaseView.Holder(
                    claim: ClaimID(token), token: FencingToken(token), holder: "c\(holder)", value: value,
                    ttl: Nanoseconds(100), remaining: Nanoseconds(40))
            ]
        return LeaseView(name: name, capacity: 1, holders: holders, waiters: 0)
    }

    /// A read that found a holder, or nobody for token zero.
    mutating func read(
        _ client: Int, _ token: UInt64, of holder: Int = 0, _ from: UInt64, _ to: UInt64, value: [UInt8] = [],
        stale: Bool = false, name: String = "a"
    ) {
        let answer = LeaseAnswer(
            preface: ReadPreface(index: LogIndex(to)), lease: Self.view(name, token, of: holder, value))
        add(client, .get(name: name, isStale: stale), from, to, .done(.lease(answer)))
    }

    /// A list of all names that showed those.
    mutating func list(_ client: Int, _ leases: [LeaseView], more: Bool = false, _ from: UInt64, _ to: UInt64) {
        let page = LeasePage(leases: leases, hasMore: more, index: LogIndex(to))
        let answer = PageAnswer(preface: ReadPreface(index: LogIndex(to)), page: page)
        add(client, .list(prefix: "", after: "", limit: 10, isStale: false), from, to, .done(.page(answer)))
    }

    /// A core told that a kept lease is held for longer.
    mutating func keeps(_ client: Int, _ token: UInt64, _ at: UInt64, until: UInt64) {
        history.tell(
            Telling(client: client, at: at, name: "a", token: FencingToken(token), news: .held(until: until)))
    }
}
