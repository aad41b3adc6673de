import LeaseMachine
import LeaseholdBase

/// The state machine once more, as plainly as it can be said: dictionaries, sorting, no bytes. What it answers is what
/// the machine must answer.
struct ReferenceModel {
    struct Claim {
        var id: UInt64
        var acquire: Acquire
        var principal: String
        var request: RequestID
        var value: [UInt8]
        var deadline: LogTime
    }

    struct Ending {
        var claim: Claim
        var reason: EndReason
        var at: LogTime
    }

    enum Remembered {
        case acquired(Command, UInt64)
        case answered(Command, Outcome)
        case cancelledBefore
    }

    struct Instance {
        var number: ClientInstance
        var mark = RequestSequence(0)
        var lastHeard: LogTime
        var requests: [RequestSequence: Remembered] = [:]
    }

    var settings: Settings
    var index: UInt64 = 0
    var now = LogTime.zero
    var floor = LogTime.zero
    /// Claims up to here are of the cluster before a restore; and nothing is granted before this.
    var restoredThrough: UInt64 = 0
    var quarantineUntil = LogTime.zero
    var claims: [UInt64: Claim] = [:]
    /// Oldest first.
    var endings: [Ending] = []
    /// Unheard for longest first.
    var instances: [Instance] = []

    var statuses: [ClaimStatus] = []
    var events: [String] = []

    init(settings: Settings) { self.settings = settings }

    var nextDue: LogTime? { claims.values.map(\.deadline).min() }

    // MARK: Applying

    mutating func apply(_ command: Command?, at stamp: EntryStamp) -> Outcome? {
        index = stamp.index.rawValue
        now = max(now, stamp.logTime)
        floor = max(floor, now - settings.retention)
        statuses = []
        events = []
        let outcome = command.map { answer($0) }
        let limit = Int(settings.expiriesPerEntry)
        let due = claims.values.filter { $0.deadline <= now }.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
        for claim in due.prefix(limit) { end(claim.id, .expired) }
        instances.removeFirst(min(limit, instances.prefix { $0.lastHeard < floor }.count))
        endings.removeFirst(min(limit, endings.prefix { $0.at < floor }.count))
        return outcome
    }

    private mutating func answer(_ command: Command) -> Outcome {
        switch command {
        case .renew(let renewals):
            statuses = renewals.map { renew($0) }
            return .renewed
        case .acquire(let head, _), .release(let head, _), .cancel(let head, _), .update(let head, _),
            .settings(let head, _):
            return answer(command, head)
        }
    }

    private mutating func answer(_ command: Command, _ head: RequestHead) -> Outcome {
        let id = head.request
        if id.instance.rawValue == 0 || id.sequence.rawValue == 0 || head.lowestUnanswered > id.sequence {
            return .refused(.malformed)
        }
        if head.newestSeen < floor { return .refused(.tooOld) }
        let known = instances.first { $0.number == id.instance }
        if let known, id.sequence < known.mark { return .refused(.tooOld) }
        if let remembered = known?.requests[id.sequence] {
            hear(id.instance)
            let outcome = duplicate(command, head, remembered)
            raiseMark(id.instance, head.lowestUnanswered)
            return outcome
        }
        var reserve = 0
        if case .settings = command { reserve = 16 }
        if known == nil, instances.count >= Int(settings.instances) + reserve { return .refused(.overloaded) }
        hear(id.instance)
        raiseMark(id.instance, head.lowestUnanswered)
        if instances[position(of: id.instance)].requests.count >= Int(settings.requestsPerInstance) + reserve {
            return .refused(.overloaded)
        }
        let outcome = execute(command, head)
        if case .refused(let error) = outcome, error.settlesOnlyTheAttempt { return outcome }
        let remembered: Remembered
        if case .acquired(let claim, _) = outcome {
            remembered = .acquired(command, claim.rawValue)
        } else {
            remembered = .answered(command, outcome)
        }
        instances[position(of: id.instance)].requests[id.sequence] = remembered
        return outcome
    }

    private mutating func duplicate(_ command: Command, _ head: RequestHead, _ remembered: Remembered) -> Outcome {
        switch remembered {
        case .cancelledBefore:
            if case .acquire = command { return .refused(.ended(.cancelled)) }
            return .refused(.requestReused)
        case .answered(let first, let outcome):
            return first.isSameContent(as: command) ? outcome : .refused(.requestReused)
        case .acquired(let first, let claim):
            guard first.isSameContent(as: command) else { return .refused(.requestReused) }
            recordIfDue(claim)
            if let live = claims[claim] {
                return .acquired(claim: ClaimID(claim), claim <= restoredThrough ? .ended(.restored) : holding(live))
            }
            return .acquired(claim: ClaimID(claim), ending(claim).map { .ended($0.reason) } ?? .unknown)
        }
    }

    private mutating func execute(_ command: Command, _ head: RequestHead) -> Outcome {
        switch command {
        case .acquire(let head, let acquire): return execute(acquire, head)
        case .release(_, let reference):
            if let refusal = refusal(ofOptional: reference.name) { return .refused(refusal) }
            if let claim = live(reference, head.principal) {
                end(claim.id, .released)
                return .released(claim: reference.claim, .released)
            }
            guard let reason = ended(reference, head.principal) else { return .refused(.claimUnknown) }
            return .released(claim: reference.claim, reason)
        case .update(_, let update):
            if update.value.count > 4096 { return .refused(.valueTooLong) }
            if let refusal = refusal(ofOptional: update.claim.name) { return .refused(refusal) }
            if let claim = live(update.claim, head.principal) {
                if claim.id <= restoredThrough { return .refused(.ended(.restored)) }
                claims[claim.id]?.value = update.value
                events.append("updated \(claim.acquire.name) \(claim.id)")
                return .updated(claim: update.claim.claim)
            }
            return .refused(ended(update.claim, head.principal).map { .ended($0) } ?? .claimUnknown)
        case .cancel(let head, let cancel): return execute(cancel, head)
        case .settings(_, let changes): return execute(changes)
        case .renew: return .refused(.malformed)
        }
    }

    private mutating func execute(_ acquire: Acquire, _ head: RequestHead) -> Outcome {
        if let refusal = refusal(of: acquire) { return .refused(refusal) }
        if now < quarantineUntil { return .refused(.quarantined(remaining: quarantineUntil - now)) }
        for claim in claims.values.filter({ $0.acquire.name == acquire.name }) { recordIfDue(claim.id) }
        if let holder = claims.values.first(where: { $0.acquire.name == acquire.name }) {
            return .refused(
                .held(
                    LeaseError.Held(
                        name: acquire.name, holder: holder.acquire.holder, token: FencingToken(holder.id),
                        remaining: holder.deadline - now)))
        }
        if claims.count >= Int(settings.claims) { return .refused(.overloaded) }
        let claim = Claim(
            id: index, acquire: acquire, principal: head.principal, request: head.request, value: acquire.value,
            deadline: now + acquire.ttl)
        claims[index] = claim
        events.append("granted \(acquire.name) \(index)")
        return .acquired(claim: ClaimID(index), holding(claim))
    }

    private mutating func execute(_ cancel: Cancel, _ head: RequestHead) -> Outcome {
        let target = cancel.target
        if target.instance.rawValue == 0 || target.sequence.rawValue == 0 || target == head.request {
            return .refused(.malformed)
        }
        if let refusal = refusal(ofOptional: cancel.name) { return .refused(refusal) }
        let known = instances.first { $0.number == target.instance }
        switch known?.requests[target.sequence] {
        case .cancelledBefore: return .cancelled(.remembered)
        case .answered: return .cancelled(.nothing)
        case .acquired(_, let claim): return undo(claim, cancel, head)
        case nil: break
        }
        if let claim = claims.values.first(where: { $0.acquire.name == cancel.name && $0.request == target }) {
            return undo(claim.id, cancel, head)
        }
        if let known {
            if target.sequence < known.mark { return .cancelled(.nothing) }
            if known.requests.count >= Int(settings.requestsPerInstance) { return .refused(.overloaded) }
        } else if instances.count >= Int(settings.instances) {
            return .refused(.overloaded)
        }
        hear(target.instance)
        instances[position(of: target.instance)].requests[target.sequence] = .cancelledBefore
        return .cancelled(.remembered)
    }

    private mutating func undo(_ id: UInt64, _ cancel: Cancel, _ head: RequestHead) -> Outcome {
        let reference = ClaimReference(claim: ClaimID(id), name: cancel.name)
        if live(reference, head.principal) != nil {
            end(id, .cancelled)
            return .cancelled(.ended(claim: ClaimID(id)))
        }
        guard let reason = ended(reference, head.principal) else { return .refused(.claimUnknown) }
        return .cancelled(reason == .cancelled ? .ended(claim: ClaimID(id)) : .hadEnded(claim: ClaimID(id), reason))
    }

    private mutating func execute(_ changes: [SettingChange]) -> Outcome {
        if changes.count > Limits.settingsPerCommand { return .refused(.malformed) }
        var changed = settings
        for change in changes {
            guard let key = SettingKey(rawValue: change.key) else { return .refused(.notSupported) }
            changed[key] = change.value
        }
        guard changed.areValid else { return .refused(.settingInvalid) }
        settings = changed
        return .settingsChanged
    }

    private mutating func renew(_ renewal: Renewal) -> ClaimStatus {
        let reference = ClaimReference(claim: renewal.claim, name: renewal.name)
        if let claim = live(reference, renewal.principal) {
            if claim.id <= restoredThrough { return .ended(.restored) }
            let deadline = max(claim.deadline, now + claim.acquire.ttl)
            claims[claim.id]?.deadline = deadline
            return .holding(token: FencingToken(claim.id), validFor: deadline - now)
        }
        return ended(reference, renewal.principal).map { .ended($0) } ?? .unknown
    }

    // MARK: Claims

    private func holding(_ claim: Claim) -> ClaimStatus {
        .holding(token: FencingToken(claim.id), validFor: claim.deadline - now)
    }

    private mutating func live(_ reference: ClaimReference, _ principal: String) -> Claim? {
        recordIfDue(reference.claim.rawValue)
        guard let claim = claims[reference.claim.rawValue], claim.principal == principal,
            reference.name.isEmpty || claim.acquire.name == reference.name
        else { return nil }
        return claim
    }

    private func ending(_ id: UInt64) -> Ending? { endings.last { $0.claim.id == id } }

    private func ended(_ reference: ClaimReference, _ principal: String) -> EndReason? {
        guard let ending = ending(reference.claim.rawValue), ending.claim.principal == principal,
            reference.name.isEmpty || ending.claim.acquire.name == reference.name
        else { return nil }
        return ending.reason
    }

    private mutating func recordIfDue(_ id: UInt64) {
        if let claim = claims[id], claim.deadline <= now { end(id, .expired) }
    }

    private mutating func end(_ id: UInt64, _ reason: EndReason) {
        guard let claim = claims.removeValue(forKey: id) else { return }
        let reason = reason == .expired && id <= restoredThrough ? .restored : reason
        events.append("\(reason) \(claim.acquire.name) \(id)")
        for _ in 0..<2 where endings.count >= Int(settings.endings) { endings.removeFirst() }
        endings.append(Ending(claim: claim, reason: reason, at: now))
    }

    // MARK: Instances

    private func position(of number: ClientInstance) -> Int {
        instances.firstIndex { $0.number == number } ?? -1
    }

    private mutating func hear(_ number: ClientInstance) {
        if let position = instances.firstIndex(where: { $0.number == number }) {
            var instance = instances.remove(at: position)
            instance.lastHeard = now
            instances.append(instance)
        } else {
            instances.append(Instance(number: number, lastHeard: now))
        }
    }

    private mutating func raiseMark(_ number: ClientInstance, _ mark: RequestSequence) {
        let position = position(of: number)
        guard mark > instances[position].mark else { return }
        instances[position].mark = mark
        instances[position].requests = instances[position].requests.filter { $0.key >= mark }
    }

    // MARK: Limits and reading

    private func isPlain(_ text: String) -> Bool {
        !text.unicodeScalars.contains { $0.value < 32 || (127...159).contains($0.value) }
    }

    private func refusal(ofOptional name: String) -> LeaseError? {
        name.utf8.count > 255 || !isPlain(name) ? .nameInvalid : nil
    }

    private func refusal(of acquire: Acquire) -> LeaseError? {
        if acquire.name.isEmpty { return .nameInvalid }
        if let refusal = refusal(ofOptional: acquire.name) { return refusal }
        if acquire.holder.isEmpty || acquire.holder.utf8.count > 255 || !isPlain(acquire.holder) {
            return .holderInvalid
        }
        if acquire.value.count > 4096 { return .valueTooLong }
        if acquire.ttl < settings.ttlMinimum || acquire.ttl > settings.ttlMaximum {
            return .ttlOutOfRange(minimum: settings.ttlMinimum, maximum: settings.ttlMaximum)
        }
        if acquire.capacity != 1 || acquire.wait != .none || acquire.lockDelay != .zero { return .notSupported }
        return nil
    }

    /// All leases with live claims whose names have the prefix, in the byte order of their names.
    func list(prefix: String) -> [LeaseView] {
        claims.values.filter { $0.deadline > now && $0.acquire.name.utf8.starts(with: prefix.utf8) }
            .sorted { Array($0.acquire.name.utf8).lexicographicallyPrecedes(Array($1.acquire.name.utf8)) }
            .map { claim in
                LeaseView(
                    name: claim.acquire.name, capacity: 1,
                    holders: [
                        LeaseView.Holder(
                            claim: ClaimID(claim.id), token: FencingToken(claim.id), holder: claim.acquire.holder,
                            value: claim.value, ttl: claim.acquire.ttl, remaining: claim.deadline - now)
                    ], waiters: 0)
            }
    }
}

extension Command {
    /// Whether both ask for the same, whatever their heads say of marks and times.
    func isSameContent(as other: Command) -> Bool { withoutHead == other.withoutHead }

    private var withoutHead: Command {
        let none = RequestID(instance: ClientInstance(0), sequence: RequestSequence(0))
        func plain(_ head: RequestHead) -> RequestHead {
            RequestHead(
                request: none, lowestUnanswered: RequestSequence(0), newestSeen: .zero, principal: head.principal)
        }
        return switch self {
        case .acquire(let head, let body): .acquire(plain(head), body)
        case .release(let head, let body): .release(plain(head), body)
        case .cancel(let head, let body): .cancel(plain(head), body)
        case .update(let head, let body): .update(plain(head), body)
        case .settings(let head, let body): .settings(plain(head), body)
        case .renew: self
        }
    }
}
