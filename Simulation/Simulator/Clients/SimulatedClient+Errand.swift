import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire

/// What a client has to get done once a majority is healed: each of its calls in turn, every one of them *done* in its time,
/// with what must come of it. A call that ends as unknown or as not done is no answer then (property 22).
struct Errand {
    /// The calls, in order. It looks first: requests may have been remembered for very short until a moment ago, and who
    /// has heard nothing of the log for longer than that may only be told that it is too late (trap 24).
    enum Step: String, CaseIterable {
        case look, acquire, get, list, renew, release
    }

    /// How long each call may take. There is a leader by then, and most are done within a fifth of a second; a client that
    /// has to find it anew pauses for up to a second between dials, and lets an endpoint rest for up to five.
    static let bound = Nanoseconds.seconds(8)

    /// A lease of its own.
    let name: String
    /// Those that are still to be done; the first is under way unless it is the next to be made.
    var steps: [Step]
    /// Whether the first is to be made now.
    var isNext = true
    /// The call under way.
    var handle: RequestHandle?
    /// Its claim, while it has the lease.
    var held: ClaimReference?
    /// What went wrong.
    var failure: String?
    /// Whether that is that there was no room for a grant.
    var lacksRoom = false
    /// When the call under way was made, on the client's clock.
    var madeAt = SteadyTime.zero
    /// The longest that a call took.
    var longest = Nanoseconds.zero

    /// - Parameter isGranted: Whether a lease may be asked for: while a journal is low on space there are no grants, and
    ///   everything else goes on.
    init(of client: String, isGranted: Bool) {
        // None is the beginning of another.
        name = "\(client)'s errand"
        steps = Step.allCases.filter { isGranted || $0 != .acquire }
    }

    /// What it renews and releases: its claim, or one that nobody can have. A claim is an entry's index, and the first entry
    /// is the birth.
    var claim: ClaimReference { held ?? ClaimReference(claim: ClaimID(1), name: name) }

    /// What went wrong that should not have: nothing is granted while a journal has used up its space.
    func failed(isLow: Bool) -> String? { isLow && lacksRoom ? nil : failure }

    /// Whether all of it is done.
    var isOver: Bool { steps.isEmpty || failure != nil }
}

extension SimulatedClient {
    /// Sends the client on its errand.
    func run(_ errand: Errand, _ world: World) {
        self.errand = errand
        world.scheduleTurn(self)
    }

    /// Makes the next call.
    func goOnWithErrand(_ world: World, _ now: SteadyTime) {
        guard let errand, errand.isNext, let step = errand.steps.first else { return }
        let (name, claim) = (errand.name, errand.claim)
        let handle: RequestHandle?
        switch step {
        case .acquire:
            let wanted = Acquire(name: name, holder: label, ttl: .seconds(60))
            handle = asked(.acquire(wanted, isKept: false), .acquire(name: name), world) {
                core throws(SubmissionError) in
                try core.acquire(wanted, keep: false, timeout: Errand.bound, now: now)
            }
        case .look, .get:
            let purpose = Purpose.get(name: name, isStale: false, committed: world.checks.committed, sent: world.now)
            handle = asked(.get(name: name, isStale: false), purpose, world) { core throws(SubmissionError) in
                try core.get(name: name, stale: false, timeout: Errand.bound, now: now)
            }
        case .list:
            let question = Operation.Question.list(prefix: name, after: "", limit: 100, isStale: false)
            handle = asked(question, .other, world) { core throws(SubmissionError) in
                try core.list(prefix: name, after: "", limit: 100, stale: false, timeout: Errand.bound, now: now)
            }
        case .renew:
            let items = [Renewal(claim: claim.claim, name: claim.name)]
            handle = asked(.renew(items), .renew([claim.claim]), world) { core throws(SubmissionError) in
                try core.renew(items, timeout: Errand.bound, now: now)
            }
        case .release:
            if let place = loose.firstIndex(where: { $0.claim == claim }) { drop(place, world) }
            handle = asked(.release(claim), .other, world) { core throws(SubmissionError) in
                try core.release(claim, timeout: Errand.bound, now: now)
            }
        }
        self.errand?.isNext = false
        self.errand?.handle = handle
        self.errand?.madeAt = now
        if handle == nil {
            self.errand?.failure = "\(label) may not ask to \(step.rawValue)"
        }
    }

    /// The call under way has ended.
    func errandAnswered(_ result: RequestResult, _ now: SteadyTime) {
        guard let errand, let step = errand.steps.first else { return }
        self.errand?.longest = max(errand.longest, now - errand.madeAt)
        guard did(step, result, errand) else {
            self.errand?.failure = "\(label) asks to \(step.rawValue) \(errand.name): \(Self.words(result))"
            if case .notDone(.refused(let refusal)) = result { self.errand?.lacksRoom = refusal.code == .diskLow }
            return
        }
        if step == .acquire, case .done(.acquired(let acquired)) = result {
            let claim = ClaimReference(claim: acquired.claim, name: errand.name)
            self.errand?.held = claim
            // It is given back at the end of the errand, and not before.
            if let place = loose.firstIndex(where: { $0.claim == claim }) { loose[place].releaseAt = .never }
        }
        self.errand?.steps.removeFirst()
        self.errand?.isNext = errand.steps.count > 1
    }

    /// Whether a call did what it should.
    private func did(_ step: Errand.Step, _ result: RequestResult, _ errand: Errand) -> Bool {
        guard case .done(let answer) = result else { return false }
        switch (step, answer) {
        case (.acquire, .acquired(let acquired)):
            if case .holding = acquired.status { return true }
            return false
        case (.look, .lease(let answer)), (.get, .lease(let answer)):
            return answer.lease.holders.map(\.claim) == (errand.held.map { [$0.claim] } ?? [])
        case (.list, .page(let answer)):
            return answer.page.leases.map(\.name) == (errand.held == nil ? [] : [errand.name])
        case (.renew, .renewed(let range)):
            guard let status = core?.renewals[range].first?.status else { return false }
            if case .holding = status { return errand.held != nil }
            return errand.held == nil
        case (.release, .outcome(.released)): return errand.held != nil
        case (.release, .outcome(.refused)): return errand.held == nil
        default: return false
        }
    }
}
