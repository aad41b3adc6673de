import LeaseMachine
import LeaseholdBase
import Testing

/// Random logs, applied to two machines with different hash seeds and to the reference model.
@Suite struct ReferenceModelTests {
    #if DEBUG
    private static let seeds: UInt64 = 300
    #else
    private static let seeds: UInt64 = 3_000
    #endif

    @Test func theMachineAnswersAsTheModelDoes() {
        var coverage = Coverage()
        for seed in 0..<Self.seeds {
            var run = ModelRun(seed: seed)
            for _ in 0..<120 where run.differences.isEmpty { run.step() }
            run.finish()
            coverage.add(run.coverage)
            guard run.differences.isEmpty else {
                Issue.record("seed \(seed): \(run.differences.joined(separator: "; "))")
                return
            }
        }
        #expect(coverage.missing == [], "a random log that never meets a case proves nothing of it")
    }
}

/// Which cases were met.
struct Coverage {
    var seen: [String: Int] = [:]

    static let wanted = [
        "acquired", "duplicate acquired", "duplicate ended", "renewed", "released", "released expired", "cancelled",
        "cancelled remembered", "cancelled nothing", "cancelled hadEnded", "updated", "settings", "held", "ended",
        "too_old", "request_reused", "overloaded", "claim_unknown", "usage", "name_invalid", "holder_invalid",
        "ttl_out_of_range", "not_supported", "event expired", "backlog", "frozen", "snapshot", "snapshot abandoned",
        "deadline kept", "lease kept", "joined", "restore", "quarantined", "event restored", "duplicate restored",
    ]

    var missing: [String] { Self.wanted.filter { seen[$0] == nil } }

    mutating func add(_ other: Coverage) {
        for name in Self.wanted { if let count = other.seen[name] { seen[name, default: 0] += count } }
    }

    mutating func note(_ name: String) { seen[name, default: 0] += 1 }
}

struct ModelRun {
    var random: RandomSource
    var first: LeaseMachine
    var second: LeaseMachine
    var model: ReferenceModel
    private var output = ApplyOutput()
    var otherOutput = ApplyOutput()
    var index: UInt64 = 0
    var taking: SnapshotsUnderWay?
    private var now = LogTime.zero
    private var sent: [Command] = []
    private var sequences: [UInt64] = [0, 0, 0, 0, 0, 0]
    private var marks: [UInt64] = [1, 1, 1, 1, 1, 1]
    /// Frozen copies, with what they looked like.
    private var frozen: [(LeaseMachine, ReferenceModel, Digest)] = []
    var differences: [String] = []
    var coverage = Coverage()

    init(seed: UInt64) {
        random = RandomSource(seed: seed)
        var settings = Settings.initial
        settings.expiriesPerEntry = 1 + random.below(3)
        settings.retention = .seconds(Int64(2 + random.below(40)))
        settings.endings = 1 + random.below(12)
        settings.requestsPerInstance = 2 + random.below(6)
        settings.instances = 3 + random.below(3)
        settings.claims = 3 + random.below(20)
        first = LeaseMachine(settings: settings, hashSeed: seed)
        second = LeaseMachine(settings: settings, hashSeed: ~seed &* 7919)
        model = ReferenceModel(settings: settings)
    }

    mutating func step() {
        index += 1 + random.below(2)
        // Coarse, so that deadlines fall on one another and on entries; now and then fine.
        let steps = random.chance(1, in: 6) ? random.below(18) : random.below(2)
        now = now + .milliseconds(Int64(steps) * 500) + Nanoseconds(random.chance(1, in: 30) ? 1 : 0)
        let stamp = EntryStamp(index: LogIndex(index), logTime: now, wallTime: WallTime(index))
        let command = random.chance(1, in: 8) ? nil : self.command()
        let expected = model.apply(command, at: stamp)
        if let command {
            sent.append(command)
            let bytes = command.bytes
            do {
                try first.apply(bytes.span.bytes, at: stamp, into: &output)
                try second.apply(bytes.span.bytes, at: stamp, into: &otherOutput)
            } catch {
                differences.append("\(command) was not understood")
            }
        } else {
            first.applyEmpty(at: stamp, into: &output)
            second.applyEmpty(at: stamp, into: &otherOutput)
        }
        compare(command, expected)
        goOnTakingSnapshots(command?.bytes, stamp)
        if random.chance(1, in: 150) { restore() }
        if random.chance(1, in: 40) { frozen.append((first, model, first.digest)) }
    }

    private mutating func compare(_ command: Command?, _ expected: Outcome?) {
        func differ(_ what: String) { differences.append("entry \(index), \(String(describing: command)): \(what)") }
        if output.outcome != expected {
            differ("\(String(describing: output.outcome)) instead of \(String(describing: expected))")
        }
        if output.statuses != model.statuses { differ("\(output.statuses) instead of \(model.statuses)") }
        let events = Self.words(output)
        if events != model.events { differ("\(events) instead of \(model.events)") }
        if otherOutput.outcome != output.outcome || otherOutput.statuses != output.statuses
            || Self.words(otherOutput) != events
        {
            differ("the hash seed shows in the outcome")
        }
        if first.digest != second.digest { differ("the digests of equal logs differ") }
        if first.nextDue != model.nextDue { differ("due \(String(describing: first.nextDue))") }
        differences += first.violations().map { "entry \(index): \($0)" }
        compareReads(first, model)
        note(command, expected, events)
    }

    private static func words(_ output: ApplyOutput) -> [String] {
        output.events.map { event in
            switch event.kind {
            case .granted: "granted \(output.name(of: event)) \(event.claim)"
            case .ended(let reason): "\(reason) \(output.name(of: event)) \(event.claim)"
            case .updated: "updated \(output.name(of: event)) \(event.claim)"
            }
        }
    }

    private mutating func compareReads(_ machine: LeaseMachine, _ model: ReferenceModel) {
        let prefix = random.chance(1, in: 2) ? "" : ["a", "a/", "b", "a/b", "é"][random.integer(in: 0...4)]
        let expected = model.list(prefix: prefix)
        var found: [LeaseView] = []
        var after = ""
        let limit = random.integer(in: 1...4)
        while true {
            let page = machine.list(prefix: prefix, after: after, limit: limit)
            var bytes: [UInt8] = []
            var encoded: [UInt8] = []
            page.encode(into: &bytes)
            machine.encodeList(
                prefix: Array(prefix.utf8).span.bytes, after: Array(after.utf8).span.bytes, limit: limit,
                into: &encoded)
            if bytes != encoded { differences.append("the page is encoded otherwise in place") }
            found += page.leases
            after = page.leases.last?.name ?? after
            if !page.hasMore { break }
            if page.leases.count != limit {
                differences.append("a page with more behind it is full")
                break
            }
        }
        if found != expected { differences.append("entry \(index): list \(found) instead of \(expected)") }
        for view in expected.prefix(2) where machine.lease(named: view.name) != view {
            differences.append("get of \(view.name) differs from list")
        }
    }

    /// Frozen copies are as they were, and go on by themselves without the original noticing.
    mutating func finish() {
        let digest = first.digest
        for (machine, model, frozenDigest) in frozen {
            coverage.note("frozen")
            if machine.digest != frozenDigest { differences.append("a frozen copy changed") }
            differences += machine.violations().map { "frozen: \($0)" }
            compareReads(machine, model)
            var branch = machine
            for _ in 0..<4 {
                index += 1
                let stamp = EntryStamp(index: LogIndex(index), logTime: now + .seconds(5), wallTime: .zero)
                let bytes = command().bytes
                try? branch.apply(bytes.span.bytes, at: stamp, into: &otherOutput)
            }
            differences += branch.violations().map { "branch: \($0)" }
        }
        if first.digest != digest { differences.append("the original changed with its copies") }
        differences += first.violations()
    }
}

/// What random clients send.
extension ModelRun {
    private static let names = ["a", "a/", "a/b", "a/bb", "b", "é", "a/b/c", "zz"]

    private mutating func command() -> Command {
        switch random.below(20) {
        case 0...5: .acquire(head(), acquire())
        case 6...8: .renew((0..<random.integer(in: 0...5)).map { _ in renewal() })
        case 9...10: .release(head(), reference())
        case 11...12: .cancel(head(), cancel())
        case 13: .update(head(), Update(claim: reference(), value: value()))
        case 14: random.chance(1, in: 3) ? .settings(head(), changes()) : .renew([renewal()])
        case 15...16 where !sent.isEmpty: sent[random.integer(in: max(0, sent.count - 12)...(sent.count - 1))]
        case 17 where !sent.isEmpty: sent[random.integer(in: 0...(sent.count - 1))]
        case 18 where !sent.isEmpty: altered(sent[random.integer(in: max(0, sent.count - 12)...(sent.count - 1))])
        default: .acquire(head(), acquire())
        }
    }

    private mutating func head() -> RequestHead {
        let client = random.integer(in: 0...5)
        if random.chance(4, in: 5) { sequences[client] += 1 }
        let sequence = max(1, sequences[client])
        if random.chance(1, in: 3) { marks[client] = min(sequence, marks[client] + random.below(4)) }
        let mark = random.chance(1, in: 40) ? sequence + 1 : marks[client]
        let seen = random.chance(1, in: 12) ? now - .seconds(Int64(random.below(60))) : now
        return RequestHead(
            request: RequestID(
                instance: ClientInstance(random.chance(1, in: 60) ? 0 : UInt64(client + 1)),
                sequence: RequestSequence(sequence)),
            lowestUnanswered: RequestSequence(mark), newestSeen: seen,
            principal: random.chance(1, in: 10) ? "p" : "")
    }

    private mutating func name() -> String {
        let bad = ["", "a\u{7}", String(repeating: "n", count: 256)]
        if random.chance(1, in: 40) { return bad[random.integer(in: 0...2)] }
        return Self.names[random.integer(in: 0...Self.names.count - 1)]
    }

    private mutating func value() -> [UInt8] { [UInt8](repeating: 7, count: random.integer(in: 0...20)) }

    private mutating func acquire() -> Acquire {
        var acquire = Acquire(
            name: name(), holder: random.chance(1, in: 40) ? "" : "holder\(random.below(3))",
            ttl: .milliseconds(500 * Int64(1 + random.below(16))), value: value())
        if random.chance(1, in: 25) { acquire.ttl = .milliseconds(Int64(random.below(499))) }
        if random.chance(1, in: 40) { acquire.capacity = UInt32(random.below(4)) }
        if random.chance(1, in: 40) { acquire.wait = .upTo(.seconds(1)) }
        if random.chance(1, in: 40) { acquire.lockDelay = .seconds(1) }
        return acquire
    }

    private mutating func claim() -> ClaimID {
        let live = model.claims.keys.sorted()
        if !live.isEmpty, random.chance(2, in: 3) { return ClaimID(live[random.integer(in: 0...live.count - 1)]) }
        return ClaimID(random.below(index + 2))
    }

    private mutating func reference() -> ClaimReference {
        let claim = claim()
        let own = model.claims[claim.rawValue]?.acquire.name ?? ""
        return ClaimReference(claim: claim, name: random.chance(1, in: 6) ? name() : random.chance(1, in: 2) ? own : "")
    }

    private mutating func renewal() -> Renewal {
        let reference = reference()
        let own = model.claims[reference.claim.rawValue]?.principal ?? ""
        return Renewal(
            claim: reference.claim, name: reference.name, principal: random.chance(1, in: 20) ? "q" : own)
    }

    private mutating func cancel() -> Cancel {
        let live = model.claims.keys.sorted()
        if !live.isEmpty, random.chance(1, in: 2),
            let claim = model.claims[live[random.integer(in: 0...live.count - 1)]]
        {
            return Cancel(target: claim.request, name: claim.acquire.name)
        }
        let client = random.integer(in: 0...5)
        return Cancel(
            target: RequestID(
                instance: ClientInstance(UInt64(client + 1)),
                sequence: RequestSequence(sequences[client] + random.below(5) - min(sequences[client], 2))),
            name: random.chance(1, in: 3) ? "" : name())
    }

    private mutating func changes() -> [SettingChange] {
        switch random.below(6) {
        case 0: [SettingChange(.expiriesPerEntry, random.below(4))]
        case 1: [SettingChange(.retention, (1 + random.below(30)) * 1_000_000_000)]
        case 2: [SettingChange(.endings, 1 + random.below(6)), SettingChange(.claims, 2 + random.below(10))]
        case 3: [SettingChange(.ttlMinimum, 2_000_000_000), SettingChange(.ttlMaximum, 1_000_000_000)]
        case 4: [SettingChange(.requestsPerInstance, 2 + random.below(6)), SettingChange(.instances, 3)]
        default: [SettingChange(.ttlMinimum, 500_000_000), SettingChange(.ttlMaximum, 5_000_000_000)]
        }
    }

    /// The same request with something else in it.
    private mutating func altered(_ command: Command) -> Command {
        switch command {
        case .acquire(let head, var acquire):
            acquire.ttl = acquire.ttl + .milliseconds(1)
            return .acquire(head, acquire)
        case .release(let head, _): return .acquire(head, acquire())
        case .cancel(let head, let cancel): return .cancel(head, Cancel(target: cancel.target, name: name()))
        case .update(let head, let update): return .release(head, update.claim)
        case .settings(var head, let changes):
            head.principal = "other"
            return .settings(head, changes)
        case .renew: return command
        }
    }

    private mutating func note(_ command: Command?, _ outcome: Outcome?, _ events: [String]) {
        if events.contains(where: { $0.hasPrefix("expired") }) { coverage.note("event expired") }
        if events.contains(where: { $0.hasPrefix("restored") }) { coverage.note("event restored") }
        if let due = first.nextDue, due <= now { coverage.note("backlog") }
        switch outcome {
        case .acquired(let claim, .holding):
            coverage.note(claim.rawValue == index ? "acquired" : "duplicate acquired")
        case .acquired(_, .ended(.restored)): coverage.note("duplicate restored")
        case .acquired: coverage.note("duplicate ended")
        case .renewed: coverage.note("renewed")
        case .released(_, .released): coverage.note("released")
        case .released: coverage.note("released expired")
        case .cancelled(.ended): coverage.note("cancelled")
        case .cancelled(.remembered): coverage.note("cancelled remembered")
        case .cancelled(.nothing): coverage.note("cancelled nothing")
        case .cancelled(.hadEnded): coverage.note("cancelled hadEnded")
        case .updated: coverage.note("updated")
        case .settingsChanged: coverage.note("settings")
        case .refused(let error): coverage.note(error.code)
        case nil: break
        }
    }
}
