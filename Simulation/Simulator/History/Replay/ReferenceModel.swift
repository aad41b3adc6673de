import LeaseMachine
import LeaseholdBase
import Raft

/// What the log means, once more and as plainly as can be: lists and dictionaries, no indices of its own, no bytes.
///
/// It is written from the description of leases and not from the state machine, of which it uses nothing but how commands
/// are read and the words for outcomes and settings. A claim is over as soon as its deadline is not after the log time.
/// Recording that it is over is bookkeeping, by whatever touches it or in passing, so many an entry: it shows in what there
/// is room for, and in what is remembered, as does forgetting.
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
        var id: ClaimID
        var reason: EndReason
        var at: LogTime
        var name: String
        var principal: String
    }

    /// What a client instance is remembered by.
    struct Instance {
        var number: ClientInstance
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
    var settings = Settings.initial
    /// In the order of their ids.
    var claims: [Claim] = []
    /// In the order in which they were recorded.
    var endings: [Ending] = []
    /// In the order in which they were last heard.
    var instances: [Instance] = []
    /// What is older than this may be forgotten.
    private var floor = LogTime.zero

    /// Applies the next entry.
    mutating func apply(_ header: EntryHeader, _ payload: [UInt8]) -> Result {
        index = header.index
        logTime = max(logTime, header.logTime)
        floor = max(floor, logTime - settings.retention)
        var result = Result()
        if header.kind == .command { result = unsafe perform(try? Command(decoding: payload.span.bytes)) }
        pass()
        return result
    }

    /// What happens in passing, so many of each kind an entry: what is due first is recorded first, and what was heard of
    /// or recorded first is forgotten first.
    private mutating func pass() {
        let most = Int(settings.expiriesPerEntry)
        let due = claims.filter { !isAlive($0) }.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
        for claim in due.prefix(most) { end(claim, .expired) }
        instances.removeFirst(instances.prefix { $0.heard < floor }.prefix(most).count)
        endings.removeFirst(endings.prefix { $0.at < floor }.prefix(most).count)
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
            return once(head, command) { model in model.change(changes, by: head.request.instance) }
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
        let known = instance(request.instance)
        if let known, request.sequence < known.mark { return Result(outcome: .refused(.tooOld)) }
        let memory = self.memory(of: request)
        if let memory {
            let answer = answer(from: memory, to: command)
            hear(request.instance, mark: head.lowestUnanswered)
            return Result(outcome: answer)
        }
        var reserve: UInt64 = 0
        if case .settings = command { reserve = Limits.operatorReserve }
        if known == nil, !hasRoomForAnInstance(reserve) { return Result(outcome: .refused(.overloaded)) }
        hear(request.instance, mark: head.lowestUnanswered)
        guard hasRoomForARequest(request.instance, reserve) else { return Result(outcome: .refused(.overloaded)) }
        let outcome = work(&self)
        if case .refused(let error) = outcome, error.settlesOnlyTheAttempt { return Result(outcome: outcome) }
        if case .acquired(let claim, _) = outcome {
            remember(request, .acquired(claim, asked: command.asked))
        } else {
            remember(request, .answered(outcome, asked: command.asked))
        }
        return Result(outcome: outcome, isFirst: true)
    }

    private mutating func answer(from memory: Memory, to command: Command) -> Outcome {
        switch memory {
        case .undone:
            if case .acquire = command { return .refused(.ended(.cancelled)) }
            return .refused(.requestReused)
        case .acquired(let claim, let asked):
            guard asked == command.asked else { return .refused(.requestReused) }
            touch(claim)
            return .acquired(claim: claim, status(of: claim))
        case .answered(let outcome, let asked):
            return asked == command.asked ? outcome : .refused(.requestReused)
        }
    }

    // MARK: Clients

    /// What is remembered of an instance, if anything is.
    func instance(_ number: ClientInstance) -> Instance? { instances.first { $0.number == number } }

    func memory(of request: RequestID) -> Memory? { instance(request.instance)?.requests[request.sequence] }

    /// Whether one instance more may be remembered; so many more for those who change limits.
    func hasRoomForAnInstance(_ reserve: UInt64 = 0) -> Bool { UInt64(instances.count) < settings.instances + reserve }

    /// Whether an instance that is remembered may have one more request remembered.
    func hasRoomForARequest(_ number: ClientInstance, _ reserve: UInt64 = 0) -> Bool {
        UInt64(instance(number)?.requests.count ?? 0) < settings.requestsPerInstance + reserve
    }

    /// An instance was heard, and says that it waits for nothing below a mark.
    mutating func hear(_ number: ClientInstance, mark: RequestSequence) {
        var known = instance(number) ?? Instance(number: number, heard: logTime)
        known.heard = logTime
        known.mark = max(known.mark, mark)
        known.requests = known.requests.filter { $0.key >= known.mark }
        instances.removeAll { $0.number == number }
        instances.append(known)
    }

    /// Keeps what came of a request of an instance that was heard.
    mutating func remember(_ request: RequestID, _ memory: Memory) {
        guard let place = instances.firstIndex(where: { $0.number == request.instance }) else { return }
        instances[place].requests[request.sequence] = memory
    }

    // MARK: Claims

    /// Why a claim ended, if it has and that is remembered.
    func ending(_ claim: ClaimID) -> Ending? { endings.first { $0.id == claim } }

    mutating func end(_ claim: Claim, _ reason: EndReason) {
        claims.removeAll { $0.id == claim.id }
        // Two go for one that comes, as long as there are too many.
        for _ in 0..<2 where UInt64(endings.count) >= settings.endings && !endings.isEmpty { endings.removeFirst() }
        endings.append(
            Ending(id: claim.id, reason: reason, at: logTime, name: claim.name, principal: claim.principal))
    }

    /// A claim that is over and not recorded as such is, when something touches it.
    mutating func touch(_ id: ClaimID) {
        guard let claim = claims.first(where: { $0.id == id }), !isAlive(claim) else { return }
        end(claim, .expired)
    }

    /// All of the changes, or none.
    private mutating func change(_ changes: [SettingChange], by instance: ClientInstance) -> Outcome {
        var changed = settings
        for change in changes {
            guard let key = SettingKey(rawValue: change.key), key.range.contains(change.value) else {
                return .refused(.settingInvalid)
            }
            // The level rises, and only the cluster itself raises it.
            if key == .level, change.value != settings.level, instance != .cluster || change.value < settings.level {
                return .refused(.settingInvalid)
            }
            changed[key] = change.value
        }
        guard changed.ttlMinimum <= changed.ttlMaximum else { return .refused(.settingInvalid) }
        settings = changed
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
