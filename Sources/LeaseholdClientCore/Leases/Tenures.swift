import LeaseMachine
public import LeaseholdBase

/// One tenure in its owner's hands. Where its belief is kept, and behind what lock, is the owner's affair: work looks at it
/// from other threads than the client's.
public protocol KeptTenure {
    /// The core's handle.
    var lease: LeaseHandle { get }
    /// What the core knew of it when it began.
    var facts: HeldLease { get }
    /// Looks at the belief, and may change it, at the time that it is then: nobody else does meanwhile.
    func judge<Answer>(_ body: (inout TenureBelief, SteadyTime) -> Answer) -> Answer
}

/// What a client has by the answer to an acquire that was to be kept.
public enum Grant: Sendable {
    /// The lease, and what is known of it.
    case held(LeaseHandle, HeldLease)
    /// The claim is over, or about to be. The core gives a grant back that came too late to be believed (trap 66).
    case over(LossReason)
    /// The cluster knows no such claim.
    case unknown
    /// The claim waits, which nobody had asked for.
    case waiting

    /// What it is, while the core still knows.
    public init(_ acquired: Acquired, in core: borrowing ClientCore) {
        switch acquired.status {
        case .holding:
            if let lease = acquired.lease, let facts = core.lease(lease) {
                self = .held(lease, facts)
            } else {
                self = .over(.expiredLocally)
            }
        case .ended(let reason), .ending(let reason, _): self = .over(LossReason(reason))
        case .unknown: self = .unknown
        case .waiting: self = .waiting
        }
    }
}

/// The tenures of one client, from the grant to the end of their releases: what its core is told on their account, and what
/// their owner is told by it. It belongs to whoever drives the core; only the beliefs are shared with others.
///
/// A tenure begins by ``begin(_:isGivenUp:_:now:)``; the core's news of it go through ``changed(_:_:_:now:)``. It is given
/// back by one release, which is either answered or told to have failed, once: to the caller who waits for it, or as one of
/// ``failures`` when nobody does. A client ends by ``stop(_:now:)``, ``sendMore(_:now:)`` in each turn until ``isDone(_:)``,
/// and ``end()``.
public struct Tenures<Tenure: KeptTenure> {
    /// A release under way.
    struct Release {
        var request: RequestHandle
        var tenure: Tenure
        var waiting: Waiting
    }

    /// Who waits for the answer to a release.
    enum Waiting {
        case nobody
        /// A caller, who is told by whoever took the request.
        case caller
        /// Nobody any more.
        case callerGone
    }

    /// By the place of the core's lease.
    var kept: [Tenure?] = []
    /// By the place of the core's request.
    var releases: [Release?] = []
    /// Those whose releases go out when there is room for them, the next one last: the client ends.
    var unsent: [Tenure] = []
    /// Whether the client ends.
    public internal(set) var isStopping = false
    /// Releases that nobody waits for, and that have no good answer: somebody else may have to wait for the deadline. Until
    /// the owner takes them.
    public internal(set) var failures: [FailedRelease] = []

    /// None yet.
    public init() {}

    /// The tenure of a lease that the core keeps.
    public subscript(lease: LeaseHandle) -> Tenure? {
        let place = Int(lease.slot)
        guard place < kept.count, let tenure = kept[place], tenure.lease == lease else { return nil }
        return tenure
    }

    /// The tenures that the core keeps, or whose loss it has not told yet.
    public var all: [Tenure] { kept.compactMap { $0 } }

    /// A lease was granted. Answers whether its tenure can be used: if whoever asked waits no longer, or the client ends, it
    /// is given back (trap 66), and its owner finishes it.
    public mutating func begin(
        _ tenure: Tenure, isGivenUp: Bool, _ core: inout ClientCore, now: SteadyTime
    ) -> Bool {
        let place = Int(tenure.lease.slot)
        while kept.count <= place { kept.append(nil) }
        kept[place] = tenure
        if isGivenUp || isStopping { return false }
        keepRenewing(tenure, &core, now: now)
        return true
    }

    /// The work under a tenure goes on: its lease may be renewed for as long as that (trap 52).
    public func keepRenewing(_ tenure: Tenure, _ core: inout ClientCore, now: SteadyTime) {
        guard let limit = tenure.judge({ belief, _ in belief.workLimit }) else { return }
        core.renew(tenure.lease, until: limit, now: now)
    }

    /// The core's belief has changed. Nil when that is of no tenure that is known.
    public mutating func changed(
        _ lease: LeaseHandle, _ state: LeaseState, _ core: inout ClientCore, now: SteadyTime
    ) -> (tenure: Tenure, news: TenureNews)? {
        guard let tenure = self[lease] else { return nil }
        let news = tenure.judge { belief, now in belief.take(state, now: now) }
        switch news {
        case .renewed, .atRisk, .ending: break
        case .ranOut: core.renew(lease, until: now, now: now)
        case .lost: kept[Int(lease.slot)] = nil
        }
        return (tenure, news)
    }
}

extension Tenures: Sendable where Tenure: Sendable {}
extension Tenures.Waiting: Sendable where Tenure: Sendable {}
extension Tenures.Release: Sendable where Tenure: Sendable {}
