public import LeaseholdBase

/// Where and when an entry stands, as the log says.
@frozen public struct EntryStamp: Hashable, Sendable {
    /// The entry's place: the id and the token of a claim that it grants.
    public var index: LogIndex
    /// The leader's log clock at the append: the only time that decides anything (trap 53).
    public var logTime: LogTime
    /// People's time, which decides nothing.
    public var wallTime: WallTime

    /// Joins the fields.
    @inlinable public init(index: LogIndex, logTime: LogTime, wallTime: WallTime) {
        self.index = index
        self.logTime = logTime
        self.wallTime = wallTime
    }
}

/// The replicated state machine: leases and their claims, changed by the entries of the log in order and by nothing
/// else.
///
/// Two machines that have applied the same entries have the same ``digest`` and have given the same outcomes. What a
/// committed command says can neither trap nor be refused by a throw: an error is an outcome like any other.
///
/// A copy of the machine is a frozen state: making it costs nothing, and going on after it costs a copy of each chunk
/// of about 128 records as it is first written.
///
///     var machine = LeaseMachine()
///     var output = ApplyOutput()
///     try machine.apply(payload, at: stamp, into: &output)
public struct LeaseMachine: Sendable {
    /// The replicated settings as of the last applied entry.
    public internal(set) var settings: Settings
    /// The last applied entry.
    public internal(set) var appliedIndex: LogIndex = .zero
    /// The log time of the last applied entry. A claim is dead when its deadline is not after this.
    public internal(set) var logTime: LogTime = .zero
    /// The wall time of the last applied entry: for people, and for restores. Decides nothing.
    public internal(set) var wallTime: WallTime = .zero
    /// Claims up to here are of a cluster before this one, which was made from a backup.
    var restoredThrough = ClaimID(0)
    /// Nothing is granted before this, after a restore.
    public internal(set) var quarantineUntil: LogTime = .zero
    /// Commands whose clients had seen less than this, and instances unheard since, are too old: what was done before
    /// may be forgotten. Never goes back, whatever becomes of the retention.
    var floor: LogTime = .zero

    /// Which of its branches were taken. No part of the replicated state.
    package internal(set) var marks = MarkSet<LeaseMachineMark>()

    var claims: ClaimStore
    var requests: RequestStore
    var endings: EndingStore
    /// The snapshot that is being taken, if one is.
    var snapshot: SnapshotUnderWay?
    #if PLANTED_BUGS
    /// What planted mistakes go by.
    public var mistaken = Mistaken()
    #endif
    /// The greatest level of commands that is understood here: a fact about the program, no part of the state. It decides
    /// whether an entry can be applied, and nothing else.
    public var knownLevel = Settings.knownLevel
    /// For the bytes of an outcome that is remembered.
    private var scratch: [UInt8] = []

    /// Adds what marks were hit by the machine whose place this one takes.
    package mutating func keepMarks(of former: LeaseMachine) { marks.formUnion(former.marks) }

    /// A machine before the first entry. The seed is for lookup tables alone; no result depends on it.
    public init(settings: Settings = .initial, hashSeed: UInt64 = 0) {
        self.settings = settings
        claims = ClaimStore(hash: SeededHash(seed: hashSeed))
        requests = RequestStore(hash: SeededHash(seed: hashSeed ^ 1))
        endings = EndingStore(hash: SeededHash(seed: hashSeed ^ 2))
    }

    /// When something falls due that an entry is to record; nil when nothing will. The leader appends an empty entry
    /// when its log clock has come to it. May be early by what renewals have not yet corrected, never late.
    public var nextDue: LogTime? { claims.due.first.map { LogTime($0.key) } }

    /// Whether any time is running, so that the log must not stand still for longer than a pulse.
    public var hasPending: Bool { claims.due.count > 0 || logTime < quarantineUntil }

    /// How many leases have claims that are not recorded as ended.
    public var leaseCount: Int { claims.leases.count }
    /// How many claims are not recorded as ended.
    public var claimCount: Int { claims.claims.count }
    /// How many client instances are remembered.
    public var instanceCount: Int { requests.instances.count }
    /// How many requests are remembered.
    public var requestCount: Int { requests.requests.count }
    /// How many ended claims are remembered.
    public var endingCount: Int { endings.count }

    /// The digest of the state, kept incrementally: equal on all machines that applied the same entries.
    /// - Complexity: O(1).
    public var digest: Digest {
        var position = StateHash(.position)
        position.add(appliedIndex.rawValue)
        position.add(logTime.rawValue)
        position.add(floor.rawValue)
        if restoredThrough.rawValue > 0 {
            position.add(restoredThrough.rawValue)
            position.add(quarantineUntil.rawValue)
        }
        return Digest(
            claims.digest &+ requests.digest &+ endings.digest &+ position.value &+ hash(of: settings))
    }

    private func hash(of settings: Settings) -> UInt128 {
        var hash = StateHash(.settings)
        for key in SettingKey.allCases {
            hash.add(UInt64(key.rawValue))
            hash.add(settings[key])
        }
        return hash.value
    }

    // MARK: Applying

    /// Applies an entry that carries a command. The index is that of the entry after the last applied one.
    ///
    /// Throws, and must not be called again, when the entry holds a command that this build does not understand: the
    /// node has to stop.
    public mutating func apply(
        _ payload: RawSpan, at stamp: EntryStamp, into output: inout ApplyOutput
    ) throws(UnknownCommand) {
        begin(at: stamp, &output)
        let command: CommandView
        do throws(DecodingError) {
            command = try CommandView(payload)
        } catch {
            if error == .unknown { throw UnknownCommand(known: knownLevel) }
            output.outcome = .refused(.malformed)
            recordDue(into: &output)
            return
        }
        output.outcome = try outcome(of: command, into: &output)
        recordDue(into: &output)
    }

    /// Applies an entry without a command: the first of a term, a pulse, a membership. Only time moves.
    public mutating func applyEmpty(at stamp: EntryStamp, into output: inout ApplyOutput) {
        begin(at: stamp, &output)
        recordDue(into: &output)
    }

    private mutating func begin(at stamp: EntryStamp, _ output: inout ApplyOutput) {
        precondition(stamp.index > appliedIndex, "entries are applied once, in order")
        output.removeAll()
        appliedIndex = stamp.index
        logTime = max(logTime, stamp.logTime)
        wallTime = stamp.wallTime
        #if PLANTED_BUGS
        mistaken.wall = stamp.wallTime
        if let own = mistaken.time(of: stamp) { logTime = max(logTime, own) }
        #endif
        floor = max(floor, logTime - settings.retention)
    }

    private mutating func outcome(
        of command: borrowing CommandView, into output: inout ApplyOutput
    ) throws(UnknownCommand) -> Outcome {
        if command.kind == .renew { return renew(command, into: &output) }
        let owner: UInt32
        switch admit(command, into: &output) {
        case .answered(let outcome): return outcome
        case .new(let slot): owner = slot
        }
        let outcome = try execute(command, into: &output)
        remember(outcome, of: command, owner: owner)
        return outcome
    }

    private mutating func execute(
        _ command: borrowing CommandView, into output: inout ApplyOutput
    ) throws(UnknownCommand) -> Outcome {
        // A command may name settings that a later build knows; then this node stops rather than refuse.
        let changed = command.kind == .settings ? try settings.changed(by: command, knowing: knownLevel) : settings
        if let refusal = command.refusal(under: settings, knowing: knownLevel) { return .refused(refusal) }
        switch command.kind {
        case .acquire: return acquire(command, into: &output)
        case .release: return release(command, into: &output)
        case .cancel: return cancel(command, into: &output)
        case .update: return update(command, into: &output)
        case .settings:
            settings = changed ?? settings
            return .settingsChanged
        case .renew, .breakClaim, .revoke, .handOver: return .refused(.notSupported)
        }
    }

    private mutating func remember(_ outcome: Outcome, of command: borrowing CommandView, owner: UInt32) {
        #if PLANTED_BUGS
        if planted(.retryAppliedTwice) { return }
        #endif
        if case .refused(let error) = outcome, error.settlesOnlyTheAttempt { return }
        if case .acquired(let claim, _) = outcome {
            requests.add(
                command.request.sequence, of: owner, kind: .acquired, content: command.contentHash, claim: claim)
            return
        }
        var answer: [UInt8] = []
        swap(&answer, &scratch)
        answer.removeAll(keepingCapacity: true)
        outcome.encode(into: &answer)
        unsafe requests.add(
            command.request.sequence, of: owner, kind: .answered, content: command.contentHash,
            answer: answer.span.bytes)
        swap(&answer, &scratch)
    }
}
