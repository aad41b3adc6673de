import LeaseMachine
import LeaseholdBase
import Raft

/// What the log means, once more and as plainly as can be: lists and dictionaries, no indices of its own, no bytes.
///
/// It is written from the description of leases and not from the state machine, of which it uses nothing but how commands
/// are read and the words for outcomes. A claim is over as soon as its deadline is not after the log time; recording that
/// it is over is bookkeeping, which shows only in what a cancel finds. Limits on how much may be kept are not modelled: no
/// run comes near them.
struct ReferenceModel {
    /// A claim that is not recorded as ended.
    struct Claim {
        var id: ClaimID
        var name: String
        var holder: String
        var ttl: Nanoseconds
        var deadline: LogTime
        var value: [UInt8]
        var principal: String
        var request: RequestID
    }

    /// A claim that is.
    struct Ending {
        var reason: EndReason
        var at: LogTime
        var name: String
        var principal: String
    }

    /// What a client instance is remembered by.
    struct Instance {
        var heard: LogTime
        var mark = RequestSequence(0)
        var requests: [RequestSequence: Memory] = [:]
    }

    /// What is remembered of a request: with what was asked, so that another question is not taken for it.
    enum Memory {
        case acquired(ClaimID, asked: Command)
        case answered(Outcome, asked: Command)
        /// A cancel came before it.
        case undone
    }

    /// What came of an entry.
    struct Result {
        var outcome: Outcome?
        var statuses: [ClaimStatus] = []
        /// Whether the entry did what it asks for, and not an earlier one; a refusal that is remembered counts.
        var isFirst = false
    }

    private(set) var index = LogIndex.zero
    private(set) var logTime = LogTime.zero
    private(set) var retention = Settings.initial.retention
    private(set) var shortestTTL = Settings.initial.ttlMinimum
    private(set) var longestTTL = Settings.initial.ttlMaximum
    /// In the order of their ids.
    var claims: [Claim] = []
    var endings: [ClaimID: Ending] = [:]
    var instances: [ClientInstance: Instance] = [:]
    /// What is older than this may be forgotten, and what is older than the other is.
    private var floor = LogTime.zero
    private var forgotten = LogTime.zero

    /// Applies the next entry.
    mutating func apply(_ header: EntryHeader, _ payload: [UInt8]) -> Result {
        index = header.index
        logTime = max(logTime, header.logTime)
        floor = max(floor, logTime - retention)
        var result = Result()
        if header.kind == .command { result = unsafe perform(try? Command(decoding: payload.span.bytes)) }
        for claim in claims where claim.deadline <= logTime { end(claim, .expired) }
        forgotten = floor
        return result
    }

    private mutating func perform(_ command: Command?) -> Result {
        guard let command else { return Result(outcome: .refused(.malformed)) }
        switch command {
        case .renew(let items):
            return Result(outcome: .renewed, statuses: items.map { renew($0) }, isFirst: true)
        case .acquire(let head, let acquire):
            return once(head, command) { model in model.acquire(acquire, head) }
        case .release(let head, let claim):
            return once(head, command) { model in model.release(claim, head) }
        case .cancel(let head, let cancel):
            return once(head, command) { model in model.cancel(cancel, head) }
        case .update(let head, let update):
            return once(head, command) { model in model.update(update, head) }
        case .settings(let head, let changes):
            return once(head, command) { model in model.change(changes) }
        }
    }

    /// Exactly once: a request that is remembered is answered from memory, one that may have been forgotten is refused.
    private mutating func once(
        _ head: RequestHead, _ command: Command, _ work: (inout ReferenceModel) -> Outcome
    ) -> Result {
        let request = head.request
        guard request.instance.rawValue > 0, request.sequence.rawValue > 0, head.lowestUnanswered <= request.sequence
        else { return Result(outcome: .refused(.malformed)) }
        guard head.newestSeen >= floor else { return Result(outcome: .refused(.tooOld)) }
        if let known = instance(request.instance), request.sequence < known.mark {
            return Result(outcome: .refused(.tooOld))
        }
        let memory = self.memory(of: request)
        hear(request.instance, mark: memory == nil ? head.lowestUnanswered : RequestSequence(0))
        if let memory {
            let answer = answer(from: memory, to: command)
            hear(request.instance, mark: head.lowestUnanswered)
            return Result(outcome: answer)
        }
        let outcome = work(&self)
        if case .refused(let error) = outcome, error.settlesOnlyTheAttempt { return Result(outcome: outcome) }
        if case .acquired(let claim, _) = outcome {
            instances[request.instance]?.requests[request.sequence] = .acquired(claim, asked: command.asked)
        } else {
            instances[request.instance]?.requests[request.sequence] = .answered(outcome, asked: command.asked)
        }
        return Result(outcome: outcome, isFirst: true)
    }

    private func answer(from memory: Memory, to command: Command) -> Outcome {
        switch memory {
        case .undone:
            if case .acquire = command { return .refused(.ended(.cancelled)) }
            return .refused(.requestReused)
        case .acquired(let claim, let asked):
            return asked == command.asked ? .acquired(claim: claim, status(of: claim)) : .refused(.requestReused)
        case .answered(let outcome, let asked):
            return asked == command.asked ? outcome : .refused(.requestReused)
        }
    }

    // MARK: Clients

    /// What is remembered of an instance, if it was heard of late.
    func instance(_ instance: ClientInstance) -> Instance? {
        instances[instance].flatMap { $0.heard >= forgotten ? $0 : nil }
    }

    func memory(of request: RequestID) -> Memory? { instance(request.instance)?.requests[request.sequence] }

    /// An instance was heard, and says that it waits for nothing below a mark.
    mutating func hear(_ number: ClientInstance, mark: RequestSequence) {
        var known = instance(number) ?? Instance(heard: logTime)
        known.heard = logTime
        var passed = known.mark
        known.mark = max(known.mark, mark)
        while passed < known.mark {
            known.requests[passed] = nil
            passed = passed.next
        }
        instances[number] = known
    }

    // MARK: Claims

    /// Why a claim ended, if it has and that is remembered.
    func ending(_ claim: ClaimID) -> Ending? { endings[claim].flatMap { $0.at >= forgotten ? $0 : nil } }

    mutating func end(_ claim: Claim, _ reason: EndReason) {
        claims.removeAll { $0.id == claim.id }
        endings[claim.id] = Ending(reason: reason, at: logTime, name: claim.name, principal: claim.principal)
    }

    private mutating func change(_ changes: [SettingChange]) -> Outcome {
        for change in changes {
            let time = Nanoseconds(Int64(clamping: change.value))
            switch SettingKey(rawValue: change.key) {
            case .retention: retention = time
            case .ttlMinimum: shortestTTL = time
            case .ttlMaximum: longestTTL = time
            default: break
            }
        }
        return .settingsChanged
    }
}

extension Command {
    /// The command without what may differ between the tries of a request.
    fileprivate var asked: Command {
        func plain(_ head: RequestHead) -> RequestHead {
            RequestHead(
                request: head.request, lowestUnanswered: RequestSequence(0), newestSeen: .zero,
                principal: head.principal)
        }
        return switch self {
        case .renew: self
        case .acquire(let head, let acquire): .acquire(plain(head), acquire)
        case .release(let head, let claim): .release(plain(head), claim)
        case .cancel(let head, let cancel): .cancel(plain(head), cancel)
        case .update(let head, let update): .update(plain(head), update)
        case .settings(let head, let changes): .settings(plain(head), changes)
        }
    }
}
