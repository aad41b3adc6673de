import LeaseMachine
public import LeaseholdBase
public import LeaseholdClientCore
import LeaseholdWire

/// A client's process: the production core over the simulated network, with a workload of its own.
///
/// It acquires names at random, keeps what it got for a while, writes to a fenced resource while it believes that it
/// holds, and gives back. Some of it dies or is stopped when a scenario says so.
public final class SimulatedClient: SimulatedProcess {
    /// What the client works on.
    public struct Workload: Sendable {
        /// The names it asks for.
        public var names = 3
        /// How long a claim lives without renewal.
        public var ttl: ClosedRange<Nanoseconds> = .milliseconds(500)...(.seconds(3))
        /// How long it keeps what it got.
        public var hold: ClosedRange<Nanoseconds> = .milliseconds(10)...(.seconds(4))
        /// How long it rests between two things.
        public var rest: ClosedRange<Nanoseconds> = .milliseconds(1)...(.milliseconds(400))

        /// The usual mix.
        public init() {}

        /// What a plan says.
        public init(_ plan: WorkPlan) {
            func range(_ least: Int, _ most: Int) -> ClosedRange<Nanoseconds> {
                .milliseconds(Int64(least))...(.milliseconds(Int64(max(least, most))))
            }
            names = max(1, plan.names)
            ttl = range(plan.ttlAtLeast, plan.ttlAtMost)
            hold = range(plan.holdAtLeast, plan.holdAtMost)
            rest = range(plan.restAtLeast, plan.restAtMost)
        }
    }

    /// A tenure as the client has it.
    private struct Held {
        var lease: LeaseHandle
        var name: String
        var token: FencingToken
        var releaseAt: SteadyTime
        /// Until when it believes, as last told.
        var until: SteadyTime
    }

    /// What a request under way is for.
    private enum Purpose {
        case acquire(name: String)
        case release(name: String)
        case get(name: String, isStale: Bool, committed: LogIndex, sent: UInt64)

        /// For people.
        var words: String {
            switch self {
            case .acquire(let name): "acquire \(name)"
            case .release(let name): "release \(name)"
            case .get(let name, let isStale, _, _): isStale ? "stale read of \(name)" : "read \(name)"
            }
        }
    }

    /// What it believes to hold, and what it waits for.
    var beliefs: [Belief] { held.map { Belief(name: $0.name, token: $0.token, until: $0.until) } }
    var requests: [Request] { underWay.map { Request(handle: $0.handle, words: $0.purpose.words) } }

    /// The client itself, while it runs.
    public private(set) var core: ClientCore?
    /// Requests answered, by what is known of them.
    public private(set) var tally = Tally()
    private var random: RandomSource
    private let workload: Workload
    private var held: [Held] = []
    private var underWay: [(handle: RequestHandle, purpose: Purpose)] = []
    private var connections: [(connection: ConnectionID, endpoint: EndpointID, unread: [UInt8])] = []
    private var dials: [(tag: UInt64, endpoint: EndpointID)] = []
    private var lastTag: UInt64 = 0
    private var nextAct = SteadyTime.zero
    /// Writes to be made with the token of a tenure that is over.
    private var lateWrites: [(name: String, token: FencingToken, at: SteadyTime)] = []
    /// Whether it takes on new work; one that does not winds down.
    public var isBusy = true

    /// How a client's requests ended.
    public struct Tally: Hashable, Sendable {
        /// Acquires that got the lease.
        public var granted = 0
        /// Acquires that found it held.
        public var foundHeld = 0
        /// Requests of unknown outcome.
        public var unknown = 0
        /// Requests that were not done.
        public var notDone = 0
        /// Releases answered.
        public var released = 0
        /// Tenures lost otherwise than by release.
        public var lost = 0
        /// Reads answered.
        public var reads = 0
        /// Tries beyond the first of a request, in lives that have ended.
        public var retries = 0
    }

    init(place: Int, number: Int, workload: Workload, random: RandomSource, clock: SimulatedClock) {
        self.random = random
        self.workload = workload
        super.init(place: place, label: "client \(number)", clock: clock)
    }

    /// Whether nothing is asked for and nothing is held.
    public var isIdle: Bool { underWay.isEmpty && held.isEmpty }

    override var deadline: SteadyTime {
        guard let core else { return .never }
        var due = core.deadline
        if isBusy { due = min(due, nextAct) }
        for tenure in held { due = min(due, tenure.releaseAt) }
        for late in lateWrites { due = min(due, late.at) }
        return due
    }

    func open(_ world: World) {
        let now = reading(at: world.now).steady
        let configuration = ClientConfiguration(
            endpoints: (1...world.plan.nodes).map { "node\($0):7401" })
        var seeds = world.draws.source(.seed, place, life)
        core = ClientCore(
            configuration: configuration, instance: ClientInstance(max(1, seeds.next())), seed: seeds.next(), now: now)
        held = []
        underWay = []
        connections = []
        dials = []
        nextAct = now + random.duration(in: workload.rest)
    }

    func close(_ world: World) {
        for tenure in held { world.beliefs.end(tenure.name, of: place, label, isTakenAway: false, &world.findings) }
        tally.retries += core?.counts.retries ?? 0
        core = nil
        held = []
        lateWrites = []
    }

    override func beginTurn(_ world: World) {
        let inputs = inbox
        inbox.removeAll(keepingCapacity: true)
        let now = reading(at: world.now).steady
        stumble = world.stumblePlace(of: self, among: 1) == nil ? 0 : world.stumble(of: self)
        for input in inputs { handIn(input, now) }
        core?.tick(now: now)
        takeNews(world, now)
        act(world, now)
        core?.endTurn(now: now)
        takeNews(world, now)
        core?.effectsTaken()
        position = 0
    }

    private func handIn(_ input: Input, _ now: SteadyTime) {
        switch input {
        case .dialed(let tag, let connection):
            guard let position = dials.firstIndex(where: { $0.tag == tag }) else { return }
            let endpoint = dials.remove(at: position).endpoint
            connections.append((connection, endpoint, []))
            core?.connected(endpoint, connection, now: now)
        case .dialFailed(let tag):
            guard let position = dials.firstIndex(where: { $0.tag == tag }) else { return }
            core?.dialFailed(dials.remove(at: position).endpoint, now: now)
        case .received(let connection, let bytes):
            guard let position = connections.firstIndex(where: { $0.connection == connection }) else { return }
            connections[position].unread.append(contentsOf: bytes)
            let waiting = connections[position].unread
            let consumed = unsafe core?.received(connection, waiting.span.bytes, now: now) ?? 0
            connections[position].unread.removeFirst(min(consumed, waiting.count))
        case .closed(let connection):
            connections.removeAll { $0.connection == connection }
            core?.closed(connection, now: now)
        case .accepted, .disk, .stopAsked: break
        }
    }

    /// How many of the core's effects were carried out since they were last taken.
    private var position = 0
    /// How long it stands still between reading its clock and sending, this turn.
    private var stumble: UInt64 = 0

    private func takeNews(_ world: World, _ now: SteadyTime) {
        while let effects = core?.effects, position < effects.count {
            let effect = effects[position]
            position += 1
            switch effect {
            case .dial(let endpoint, let address):
                lastTag += 1
                dials.append((lastTag, endpoint))
                world.dial(from: self, tag: lastTag, address: address)
            case .abandon(let endpoint): dials.removeAll { $0.endpoint == endpoint }
            case .send(let connection, let range):
                world.send(from: place, connection, core.map { Array($0.outgoing[range]) } ?? [], after: stumble)
            case .close(let connection):
                connections.removeAll { $0.connection == connection }
                world.close(from: place, connection)
            case .completed(let handle, let result): completed(handle, result, world, now)
            case .leaseChanged(let lease, let state): changed(lease, state, world, now)
            }
        }
    }

    private func completed(_ handle: RequestHandle, _ result: RequestResult, _ world: World, _ now: SteadyTime) {
        guard let place = underWay.firstIndex(where: { $0.handle == handle }) else { return }
        let purpose = underWay.remove(at: place).purpose
        world.record(.client, self.place, value: 0) { "\(purpose.words): \(Self.words(result))" }
        switch result {
        case .unknown: tally.unknown += 1
        case .notDone: tally.notDone += 1
        case .done(.acquired(let acquired)):
            guard case .acquire(let name) = purpose, case .holding(let token, _) = acquired.status,
                acquired.heldUntil > now
            else { return }
            tally.granted += 1
            guard let lease = acquired.lease else { return abandon(name, token, until: acquired.heldUntil, world) }
            held.append(
                Held(
                    lease: lease, name: name, token: token, releaseAt: now + random.duration(in: workload.hold),
                    until: acquired.heldUntil))
            let until = trueEnd(of: acquired.heldUntil, world)
            world.beliefs.begin(name, token, of: self.place, label, until: until, &world.findings)
        case .done(.outcome(.refused(.held))): tally.foundHeld += 1
        case .done(.outcome(.released)): tally.released += 1
        case .done(.lease(let answer)):
            tally.reads += 1
            guard case .get(let name, false, let committed, let sent) = purpose else { return }
            ReadRule.judge(
                name, readAt: answer.preface.index, committedWhenAsked: committed, by: label, &world.findings)
            guard world.plan.keepsBeliefs else { return }
            let believed = world.beliefs.token(of: name, believedFrom: sent, to: world.now)
            ReadRule.judge(
                name, holders: answer.lease.holders.map(\.token), believed: believed, by: label, &world.findings)
        case .done: break
        }
    }

    /// It got a lease that nobody keeps: it believes until the end, and writes once more when that has passed.
    private func abandon(_ name: String, _ token: FencingToken, until: SteadyTime, _ world: World) {
        let end = trueEnd(of: until, world)
        world.beliefs.begin(name, token, of: place, label, until: end, &world.findings)
        write(name, token, isBelieved: true, world)
        lateWrites.append((name, token, until + random.duration(in: .milliseconds(10)...(.seconds(3)))))
    }

    private func changed(_ lease: LeaseHandle, _ state: LeaseState, _ world: World, _ now: SteadyTime) {
        guard let position = held.firstIndex(where: { $0.lease == lease }) else { return }
        switch state {
        case .held(let until), .atRisk(let until), .ending(_, let until):
            held[position].until = until
            world.beliefs.extend(
                held[position].name, of: place, label, until: trueEnd(of: until, world), &world.findings)
        case .lost(let reason):
            let tenure = held.remove(at: position)
            if isBusy, random.chance(1, in: 2) {
                let at = now + random.duration(in: .milliseconds(10)...(.seconds(6)))
                lateWrites.append((tenure.name, tenure.token, at))
            }
            // What the cluster ended, it ended after the client stopped believing (property 12).
            let isTakenAway = reason == .expired || reason == .claimUnknown
            if reason != .released { tally.lost += 1 }
            world.beliefs.end(
                tenure.name, of: place, label, isTakenAway: isTakenAway && tenure.until > now, &world.findings)
        }
    }

    /// The first moment of true time at which the client's clock shows the end of a belief.
    private func trueEnd(of until: SteadyTime, _ world: World) -> UInt64 { clock.trueTime(of: until, after: world.now) }

    /// Asks for every name there is, to give it back at once; answers how many.
    func askForEveryName(_ world: World) -> Int {
        let now = reading(at: world.now).steady
        var asked = 0
        for number in 0..<workload.names {
            let name = "name-\(number)"
            let wanted = Acquire(name: name, holder: label, ttl: .seconds(2))
            guard let request = try? core?.acquire(wanted, keep: true, timeout: .seconds(10), now: now) else {
                continue
            }
            underWay.append((request, .acquire(name: name)))
            asked += 1
        }
        world.scheduleTurn(self)
        return asked
    }

    /// Writes to the resource of a name with the token of a tenure.
    private func write(_ name: String, _ token: FencingToken, isBelieved: Bool, _ world: World) {
        let tenure = world.checks.claims.number(of: token)
        world.resources.write(
            name, token, tenure: tenure, isBelieved: isBelieved, label, &world.findings)
    }

    /// What it does as one that was paused between looking and writing: it writes with what it had.
    private func writeLate(_ world: World, _ now: SteadyTime) {
        for late in lateWrites where late.at <= now { write(late.name, late.token, isBelieved: false, world) }
        lateWrites.removeAll { $0.at <= now }
    }

    private func act(_ world: World, _ now: SteadyTime) {
        writeLate(world, now)
        for tenure in held where core?.holds(tenure.lease, at: now) == true && random.chance(1, in: 4) {
            write(tenure.name, tenure.token, isBelieved: true, world)
        }
        for tenure in held where tenure.releaseAt <= now {
            if let request = try? core?.release(tenure.lease, now: now) {
                underWay.append((request, .release(name: tenure.name)))
            }
        }
        // A release is a loss told at once: what is held is asked of the core alone.
        takeNews(world, now)
        guard isBusy, now >= nextAct else { return }
        nextAct = now + random.duration(in: workload.rest)
        let name = "name-\(random.below(UInt64(workload.names)))"
        guard underWay.count < 4 else { return }
        if random.chance(1, in: 4) {
            let isStale = random.chance(1, in: 4)
            if let request = try? core?.get(name: name, stale: isStale, now: now) {
                let committed = world.checks.committed
                underWay.append(
                    (request, .get(name: name, isStale: isStale, committed: committed, sent: world.now)))
            }
        } else if !held.contains(where: { $0.name == name }) {
            let wanted = Acquire(name: name, holder: label, ttl: random.duration(in: workload.ttl))
            let timeout = random.duration(in: .milliseconds(200)...(.seconds(8)))
            // Now and then it forgets what it got, as one does that dies.
            let isKept = !random.chance(1, in: 10)
            if let request = try? core?.acquire(wanted, keep: isKept, timeout: timeout, now: now) {
                underWay.append((request, .acquire(name: name)))
            }
        }
    }
}
