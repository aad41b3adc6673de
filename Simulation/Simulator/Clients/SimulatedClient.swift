import LeaseMachine
public import LeaseholdBase
public import LeaseholdClientCore
import LeaseholdWire

/// A client's process: the production core over the simulated network, with a workload of its own.
///
/// It acquires names at random, keeps what it got for a while, writes to a fenced resource while it believes that it
/// holds, and gives back; looks after some claims by hand, and lets others expire; reads, lists, cancels, gives up. Every
/// call goes into the world's history.
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
    struct Held {
        var lease: LeaseHandle
        var name: String
        var token: FencingToken
        var releaseAt: SteadyTime
        /// Until when it believes, as last told.
        var until: SteadyTime
    }

    /// A claim that the client looks after by hand, or lets expire.
    struct Loose {
        var claim: ClaimReference
        var request: RequestID?
        var releaseAt: SteadyTime
        /// Until when it believes.
        var until: SteadyTime
    }

    /// What a request under way is for.
    enum Purpose {
        case acquire(name: String)
        case get(name: String, isStale: Bool, committed: LogIndex, sent: UInt64)
        case renew([ClaimID])
        case other
    }

    /// A request under way, and its number in the history.
    struct Call {
        var handle: RequestHandle
        var purpose: Purpose
        var number: Int
        /// For people.
        var words: String
    }

    /// What it believes to hold, and what it waits for.
    var beliefs: [Belief] {
        held.map { Belief(name: $0.name, token: $0.token, until: $0.until) }
            + loose.map { Belief(name: $0.claim.name, token: FencingToken($0.claim.claim.rawValue), until: $0.until) }
    }
    var requests: [Request] { underWay.map { Request(handle: $0.handle, words: $0.words) } }

    /// The client itself, while it runs.
    public internal(set) var core: ClientCore?
    /// Requests answered, by what is known of them.
    public internal(set) var tally = Tally()
    /// Its number, from 1.
    let number: Int
    var random: RandomSource
    let workload: Workload
    var held: [Held] = []
    var loose: [Loose] = []
    /// Claims that are over, as far as it knows; the latest.
    var past: [ClaimReference] = []
    /// Acquires that were answered, or not; the latest.
    var acquires: [(request: RequestID, name: String)] = []
    /// How many values it has given.
    var values: UInt64 = 0
    var underWay: [Call] = []
    private var connections: [(connection: ConnectionID, endpoint: EndpointID, unread: [UInt8])] = []
    private var dials: [(tag: UInt64, endpoint: EndpointID)] = []
    private var lastTag: UInt64 = 0
    var nextAct = SteadyTime.zero
    /// Writes to be made with the token of a tenure that is over.
    var lateWrites: [(name: String, token: FencingToken, at: SteadyTime)] = []
    /// Renewals to be asked for though the claims should be over by then.
    var lateRenewals: [(claim: ClaimReference, at: SteadyTime)] = []
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
        self.number = number
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
        for claim in loose { due = min(due, claim.until) }
        for late in lateWrites { due = min(due, late.at) }
        for late in lateRenewals { due = min(due, late.at) }
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
        loose = []
        past = []
        acquires = []
        underWay = []
        connections = []
        dials = []
        nextAct = now + random.duration(in: workload.rest)
    }

    func close(_ world: World) {
        for tenure in held { world.beliefs.end(tenure.name, of: place, label, isTakenAway: false, &world.findings) }
        for claim in loose {
            world.beliefs.end(claim.claim.name, of: place, label, isTakenAway: false, &world.findings)
        }
        tally.retries += core?.counts.retries ?? 0
        core = nil
        held = []
        loose = []
        lateWrites = []
        lateRenewals = []
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
        nameCalls(world)
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

    func takeNews(_ world: World, _ now: SteadyTime) {
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
}
