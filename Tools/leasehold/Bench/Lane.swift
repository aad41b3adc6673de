internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore

/// One of the places from which operations are made: it has one under way at a time.
struct Lane {
    /// What the lane is doing.
    enum Step {
        /// Nothing, until its time to begin the next operation comes.
        case idle
        /// Asking for anything at all, so that its client has found the leader before time counts.
        case connecting
        /// Acquiring what the workload needs beforehand.
        case preparing
        case acquiring
        case renewing
        case releasing
        case reading
    }

    /// A claim that the lane holds.
    struct Holding {
        var name: String
        var claim: ClaimID
        var token: FencingToken
    }

    /// Its client.
    let core: Int
    var step = Step.idle
    /// What is under way.
    var request: RequestHandle?
    /// When the operation began.
    var began = SteadyTime.zero
    /// When the request under way was submitted: an operation may have two.
    var sent = SteadyTime.zero
    /// When the next operation may begin.
    var wakesAt = SteadyTime.zero
    /// The name that is being asked for.
    var name = ""
    /// What it holds.
    var holdings: [Holding] = []
    /// The same, as a renewal names it.
    var renewals: [Renewal] = []
    /// Which of them is read next.
    var cursor = 0

    init(core: Int) { self.core = core }

    mutating func hold(_ holding: Holding) {
        holdings.append(holding)
        renewals.append(Renewal(claim: holding.claim, name: holding.name))
    }

    mutating func drop() {
        holdings.removeAll(keepingCapacity: true)
        renewals.removeAll(keepingCapacity: true)
    }
}
