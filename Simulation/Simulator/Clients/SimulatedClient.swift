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

    /// A claim that the client looks after by hand, or lets expire.
    struct Loose {
        var claim: ClaimReference
        var request: RequestID?
        var belief: TenureBelief
        var releaseAt: SteadyTime
        var random: RandomSource
    }

    /// What a request under way is for.
    enum Purpose {
        case acquire(name: String)
        case get(name: String, isStale: Bool, committed: LogIndex, sent: UInt64)
        case renew([ClaimID])
        /// How a node fares, or whichever answers; and how they all stood then.
        case status(of: NodeID?, before: [NodeFacts])
        case settings(asked: UInt64)
        case change
        case members
        case restore
        /// Gives a tenure back.
        case giveBack(ClaimID, isAwaited: Bool)
        case other
    }

    /// A request under way, and its number in the history.
    struct Call {
        var handle: RequestHandle
        var purpose: Purpose
        /// Nil when it is of no lease.
        var number: Int?
        /// For people.
        var words: String
    }

    /// The client itself, while it runs.
    public internal(set) var core: ClientCore?
    /// Requests answered, by what is known of them.
    public internal(set) var tally = Tally()
    /// Its number, from 1.
    let number: Int
    /// What is drawn for what it does just now.
    var random = RandomSource(seed: 0)
    let draws: Draws
    let workload: Workload
    /// What decides about tenures, as in the SDK.
    var tenures = Tenures<Held>()
    /// Those of them that somebody works under, in the order in which they began.
    var held: [Held] = []
    /// What became of them all in this life.
    var accounts = Accounts()
    var loose: [Loose] = []
    /// Claims that are over, as far as it knows; the latest.
    var past: [ClaimReference] = []
    /// Acquires that were answered, or not; the latest.
    var acquires: [(request: RequestID, name: String)] = []
    /// The last value that it has given: its lives count from numbers of their own.
    var values: UInt64 = 0
    var underWay: [Call] = []
    var connections: [(connection: ConnectionID, endpoint: EndpointID, unread: [UInt8])] = []
    var dials: [(tag: UInt64, endpoint: EndpointID)] = []
    var lastTag: UInt64 = 0
    var nextAct = SteadyTime.zero
    /// How often it has done something in this life, and how many tenures it had.
    var acts: UInt64 = 0
    var tenureCount: UInt64 = 0
    /// How many of the plan's changes of settings it has asked for, over all lives.
    var changesMade = 0
    /// How many changes of the membership it has asked for.
    var memberChangesMade = 0
    /// Whether the settings are as a new cluster has them, as far as it was told.
    var hasRestored = false
    /// Why a release failed that nobody waited for, the last time.
    var lastReleaseFailure: ReleaseFailure?
    /// Leases whose work has said that it goes on since the core was last told.
    var worked: [Held] = []
    /// The turn under way.
    var turn = Turn()
    /// Writes to be made with the token of a tenure that is over.
    var lateWrites: [(name: String, token: FencingToken, at: SteadyTime)] = []
    /// Renewals to be asked for though the claims should be over by then.
    var lateRenewals: [(claim: ClaimReference, at: SteadyTime)] = []
    /// Whether it takes on new work; one that does not winds down.
    public var isBusy = true
    /// Whether it was asked to end.
    public internal(set) var isStopping = false
    /// By when it ends, once it has taken that up, on its own clock.
    var stopLimit: SteadyTime?
    /// Whether it keeps what it gets until it is stopped.
    var isStaying = false
    /// What it saves as an operator.
    var save: Save?
    /// What it has to get done, if it was sent.
    var errand: Errand?

    /// How many requests at once every client may make.
    static let requestsAtLeast = 16

    init(place: Int, number: Int, workload: Workload, draws: Draws, clock: SimulatedClock) {
        self.number = number
        self.draws = draws
        self.workload = workload
        super.init(place: place, label: "client \(number)", clock: clock)
    }

    /// Whether nothing is asked for and nothing is held.
    public var isIdle: Bool { underWay.isEmpty && held.isEmpty && save == nil }

    /// Whether it waits for the answer to a change of settings.
    var isChangingSettings: Bool {
        underWay.contains {
            if case .change = $0.purpose { true } else { false }
        }
    }

    override var deadline: SteadyTime {
        guard let core else { return .never }
        if errand?.isNext == true { return .zero }
        var due = core.deadline
        if isBusy, !isStopping { due = min(due, nextAct) }
        if let stopLimit { due = min(due, stopLimit) }
        if let save { due = min(due, save.pull.deadline) }
        for tenure in held { due = min(due, tenure.releaseAt) }
        for claim in loose { due = min(due, claim.belief.heldUntil) }
        for late in lateWrites { due = min(due, late.at) }
        for late in lateRenewals { due = min(due, late.at) }
        return due
    }

    override func unconsumed(_ connection: ConnectionID) -> Int {
        connections.first { $0.connection == connection }?.unread.count ?? 0
    }

    override func beginTurn(_ world: World) { readTurn(world) }

    override func goOn(_ world: World) { goOnWithTurn(world) }

    func open(_ world: World) {
        let now = reading(at: world.now).steady
        var configuration = ClientConfiguration(
            endpoints: (1...world.plan.nodes).map { "node\($0):7401" })
        var seeds = world.draws.source(.seed, place, lifeKey)
        let (instance, seed) = (ClientInstance(max(1, seeds.next())), seeds.next())
        // Some may ask for little at once.
        if seeds.chance(1, in: 2) { configuration.requestLimit = Self.requestsAtLeast }
        core = ClientCore(configuration: configuration, instance: instance, seed: seed, now: now)
        tenures = Tenures()
        accounts = Accounts()
        (isStopping, stopLimit) = (false, nil)
        held = []
        loose = []
        past = []
        acquires = []
        save = nil
        underWay = []
        connections = []
        dials = []
        worked = []
        turn = Turn()
        (acts, tenureCount) = (0, 0)
        values = UInt64(life) << 16
        draw(.act, acts)
        nextAct = now + random.duration(in: workload.rest)
    }

    func close(_ world: World) {
        for belief in beliefs {
            world.beliefs.end(belief.name, belief.token, of: place, label, isTakenAway: false, &world.findings)
        }
        tally.retries += core?.counts.retries ?? 0
        core = nil
        save = nil
        held = []
        loose = []
        lateWrites = []
        lateRenewals = []
    }

    // MARK: Draws

    /// What something is drawn for. Each life, and each thing in it, has draws of its own: whatever happened to an
    /// earlier one leaves them as they were.
    enum Strand: Int {
        case act
        case tenure
        case stop
        case save
    }

    func source(_ strand: Strand, _ count: UInt64) -> RandomSource {
        draws.source(.work, number << 8 | strand.rawValue, lifeKey, count)
    }

    /// From here on what is drawn is for this.
    func draw(_ strand: Strand, _ count: UInt64) { random = source(strand, count) }
}
