internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdWire

/// How fresh a read has to be.
public enum Freshness: Hashable, Sendable {
    /// As the cluster has it now: no answer is older than the moment of the call.
    case current
    /// As any node has it: cheap, answered without a leader too, and as old as ``ReadPoint/silence`` says or older.
    case stale
}

/// At what a read is true.
public struct ReadPoint: Hashable, Sendable {
    /// The entry of the cluster's log whose state was read. Of two reads that with the higher index is the newer.
    public let index: UInt64
    /// How long the node had heard nothing of a leader; zero for a current read.
    public let silence: Duration

    init(_ preface: ReadPreface) {
        index = preface.index.rawValue
        silence = Duration(preface.silence)
    }
}

/// A lease as a reader sees it.
public struct LeaseStatus: Hashable, Sendable {
    /// The lease.
    public let name: String
    /// How many may hold it at once.
    public let capacity: Int
    /// Who holds it, longest first; nobody, when the list is empty.
    public let holders: [Holder]
    /// At what this is true.
    public let readPoint: ReadPoint

    /// Whether anybody holds it.
    public var isHeld: Bool { !holders.isEmpty }

    /// One who holds a lease.
    public struct Holder: Hashable, Sendable {
        /// The label.
        public let holder: String
        /// The tenure's token.
        public let token: Lease.Token
        /// The claim's number, by which the command line names it.
        public let claim: UInt64
        /// What the holder lets others read.
        public let value: [UInt8]
        /// How long the claim outlives its last renewal.
        public let ttl: Duration
        /// How long it still runs unless it is renewed. Advice, no promise.
        public let remaining: Duration

        /// The value as text, when it is text.
        public var text: String? { String(validating: value, as: UTF8.self) }
    }

    init(_ view: LeaseView, _ readPoint: ReadPoint) {
        name = view.name
        capacity = Int(view.capacity)
        holders = view.holders.map { holder in
            Holder(
                holder: holder.holder, token: Lease.Token(holder.token), claim: holder.claim.rawValue,
                value: holder.value, ttl: Duration(holder.ttl), remaining: Duration(holder.remaining))
        }
        self.readPoint = readPoint
    }
}

/// A page of leases, in the byte order of names.
public struct LeaseListing: Hashable, Sendable {
    /// The leases that are held.
    public let leases: [LeaseStatus]
    /// Whether there are more, behind the name of the last of these.
    public let hasMore: Bool
    /// At what this is true.
    public let readPoint: ReadPoint

    init(_ answer: PageAnswer) {
        let readPoint = ReadPoint(answer.preface)
        leases = answer.page.leases.map { LeaseStatus($0, readPoint) }
        hasMore = answer.page.hasMore
        self.readPoint = readPoint
    }
}
