import LeaseMachine
import LeaseholdBase
import LeaseholdWire
import Raft
import Simulator

/// A log and a history made together: the real state machine applies each command at once and answers it.
struct LogRig {
    var history = History()
    var log = CommittedLog()
    var machine = LeaseMachine()
    var now: UInt64 = 0
    var logTime = LogTime(1_000)
    private var output = ApplyOutput()
    private var sequences: [UInt64] = [0, 0, 0, 0, 0]
    private var marks: [UInt64] = [1, 1, 1, 1, 1]

    /// Time passes: on the log's clock too.
    mutating func wait(_ milliseconds: Int64) {
        now += UInt64(milliseconds) * 1_000_000
        logTime = logTime + .milliseconds(milliseconds)
    }

    /// An entry without a command.
    mutating func pulse() {
        let header = header(0, .empty)
        unsafe log.note(header, payload: [UInt8]().span.bytes, at: now)
        machine.applyEmpty(at: stamp(header), into: &output)
    }

    private func header(_ count: Int, _ kind: EntryKind) -> EntryHeader {
        EntryHeader(
            index: log.last.next, term: Term(1), logTime: logTime, wallTime: .zero, kind: kind, payloadCount: count)
    }

    private func stamp(_ header: EntryHeader) -> EntryStamp {
        EntryStamp(index: header.index, logTime: header.logTime, wallTime: .zero)
    }

    /// What a new request of a client begins with, and what it settles.
    mutating func head(_ client: Int, settles: Bool = true) -> RequestHead {
        sequences[client] += 1
        if settles { marks[client] = sequences[client] }
        let id = RequestID(
            instance: ClientInstance(UInt64(client) + 100), sequence: RequestSequence(sequences[client]))
        return RequestHead(
            request: id, lowestUnanswered: RequestSequence(marks[client]), newestSeen: machine.logTime)
    }

    /// Commits a command, and answers what came of it.
    @discardableResult
    mutating func commit(_ command: Command) -> (outcome: Outcome?, statuses: [ClaimStatus]) {
        var payload: [UInt8] = []
        command.encode(into: &payload)
        let header = header(payload.count, .command)
        unsafe log.note(header, payload: payload.span.bytes, at: now)
        do throws(UnknownCommand) {
            try unsafe machine.apply(payload.span.bytes, at: stamp(header), into: &output)
        } catch {
            return (nil, [])
        }
        return (output.outcome, output.statuses)
    }

    /// A call whose command is committed half a millisecond later and answered half a millisecond after that.
    mutating func call(_ client: Int, _ question: Operation.Question, _ command: Command, _ request: RequestID?) {
        let number = begin(client, question, request)
        let (outcome, statuses) = commit(command)
        now += 500_000
        guard let outcome else { return }
        let answer: Operation.Answer = outcome == .renewed ? .renewed(statuses) : .outcome(outcome)
        history.end(number, .done(answer), at: now)
    }

    /// A call that is made now.
    mutating func begin(_ client: Int, _ question: Operation.Question, _ request: RequestID? = nil) -> Int {
        let number = history.begin(question, by: client, at: now)
        if let request { history.name(number, request) }
        now += 500_000
        return number
    }

    mutating func acquire(_ client: Int, _ name: String, ttl: Int64 = 1_000, value: [UInt8] = []) {
        let head = head(client)
        let acquire = Acquire(name: name, holder: "c\(client)", ttl: .milliseconds(ttl), value: value)
        call(client, .acquire(acquire, isKept: false), .acquire(head, acquire), head.request)
    }

    mutating func release(_ client: Int, _ claim: ClaimID, _ name: String = "a") {
        let (head, reference) = (head(client), ClaimReference(claim: claim, name: name))
        call(client, .release(reference), .release(head, reference), head.request)
    }

    mutating func renew(_ client: Int, _ items: [Renewal]) { call(client, .renew(items), .renew(items), nil) }

    mutating func get(_ client: Int, _ name: String, stale: Bool = false) {
        let number = begin(client, .get(name: name, isStale: stale))
        let lease = machine.lease(named: name)
        let preface = ReadPreface(index: machine.appliedIndex)
        now += 500_000
        history.end(number, .done(.lease(LeaseAnswer(preface: preface, lease: lease))), at: now)
    }

    mutating func list(_ client: Int, _ prefix: String, after: String = "", limit: Int = 10) {
        let number = begin(client, .list(prefix: prefix, after: after, limit: limit, isStale: false))
        let page = machine.list(prefix: prefix, after: after, limit: limit)
        now += 500_000
        let answer = PageAnswer(preface: ReadPreface(index: machine.appliedIndex), page: page)
        history.end(number, .done(.page(answer)), at: now)
    }

    /// The last call with another answer.
    func lastCall(says answer: Operation.Answer) -> History {
        var changed = history
        let last = history.operations.count - 1
        changed.end(last, .done(answer), at: history.operations[last].completed)
        return changed
    }

    /// The last call as if it had been told something else of it.
    func lastCall(is result: Operation.Result) -> History {
        var changed = history
        let last = history.operations.count - 1
        changed.end(last, result, at: history.operations[last].completed)
        return changed
    }

    /// What the last call was told.
    var lastAnswer: Operation.Answer? {
        if case .done(let answer) = history.operations.last?.result { return answer }
        return nil
    }
}
