import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// What kind of request a slot holds.
enum RequestKind {
    case acquire, renew, release, update, cancel, changeSettings
    case get, list, status, settings
    /// An operator's: another node is to lead.
    case transfer
    /// An operator's: another membership is wanted, or who belongs to it.
    case changeMembers, members
    /// An operator's: the cluster's state is saved.
    case snapshot
    /// The renewal of kept leases, made by the client itself.
    case keepAlive
    /// The cancel of an acquire that was given up or cancelled in vain, or the release of a grant that came too late, made by
    /// the client itself.
    case undo

    /// Whether the command carries a request id.
    var isIdentified: Bool {
        switch self {
        case .acquire, .release, .update, .cancel, .changeSettings, .undo: true
        case .renew, .get, .list, .status, .settings, .transfer, .changeMembers, .members, .snapshot, .keepAlive: false
        }
    }

    /// Whether neither retry budget nor circuit breaker may hold it up: refusing it would lose or block leases.
    var isExempt: Bool {
        switch self {
        case .renew, .release, .cancel, .keepAlive, .undo: true
        case .acquire, .update, .changeSettings, .get, .list, .status, .settings, .transfer, .changeMembers, .members,
            .snapshot:
            false
        }
    }

    /// Whether an answer that does not come means that nothing was done.
    var changesNothing: Bool {
        switch self {
        case .get, .list, .status, .settings, .members, .snapshot: true
        case .acquire, .renew, .release, .update, .cancel, .changeSettings, .transfer, .changeMembers, .keepAlive,
            .undo:
            false
        }
    }

    /// Whether it was the client itself that made the request.
    var isInternal: Bool { self == .keepAlive || self == .undo }
}

/// One try of a request whose answer may still come.
struct Attempt {
    var correlation: UInt64 = 0
    var sent = SteadyTime.zero
    var connection = ConnectionID(0)
    var endpoint = 0
}

/// One request under way. Used again for others: its buffers stay warm.
struct Slot {
    /// Where the request stands.
    enum Phase {
        /// The slot is empty.
        case free
        /// To be sent as soon as there is a node to send it to.
        case ready
        /// To be made ready at the timer.
        case delayed
        /// Sent; to be tried again at the timer.
        case inFlight
        /// A renewal that was tried anew by another slot: only a late answer is still of use, until the timer.
        case listening
    }

    /// A command that gets its request id and its bytes when it is first sent.
    enum PendingCommand {
        case none
        case acquire(Acquire)
        case release(ClaimReference)
        case cancel(Cancel)
        case update(Update)
        case settings([SettingChange])
    }

    var generation: UInt32 = 0
    var phase = Phase.free
    var kind = RequestKind.get
    /// The acquire's lease is to be renewed.
    var keeps = false
    /// The acquire was cancelled while it was under way: a grant of it is not believed, and given back.
    var isUndone = false
    /// Any node may answer.
    var stale = false
    /// Only this endpoint may answer, or −1.
    var pinned = -1
    /// It was given another number, because the log had gone on too far before its only try.
    var isRenumbered = false
    /// The next try counts against the retry budget.
    var charged = false

    var pending = PendingCommand.none
    var operation = RequestOperation.command
    /// The operation's body, the same over all tries (trap 24).
    var bytes: [UInt8] = []
    var sequence: RequestSequence?
    /// The acquire that an undo undoes: unanswered until the undo is answered.
    var undone: RequestSequence?

    /// When the request as a whole ends.
    var deadline = SteadyTime.never
    /// When the phase ends.
    var timer = SteadyTime.never
    var attemptTimeout = Nanoseconds.zero

    /// Tries whose answers may come; the newest is the last.
    var open: [Attempt] = []
    /// Tries whose fate will not be learnt.
    var lost = 0
    var failures = 0
    var redirects = 0
    var lastRefusal: Refusal?
    /// The kept leases that a renewal is for, in its order.
    var leases: [LeaseHandle] = []

    /// Whether nothing that was sent can still take effect without being known.
    var isSettled: Bool { kind.changesNothing || (open.isEmpty && lost == 0) }

    /// Makes the slot ready for another request, with warm buffers.
    mutating func reset(kind: RequestKind) {
        self.kind = kind
        generation &+= 1
        (keeps, isUndone, stale, charged, isRenumbered, pinned) = (false, false, false, false, false, -1)
        pending = .none
        operation = .command
        bytes.removeAll(keepingCapacity: true)
        (sequence, undone) = (nil, nil)
        (deadline, timer) = (.never, .never)
        open.removeAll(keepingCapacity: true)
        (lost, failures, redirects) = (0, 0, 0)
        lastRefusal = nil
        leases.removeAll(keepingCapacity: true)
    }
}
