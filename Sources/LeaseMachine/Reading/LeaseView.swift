public import LeaseholdBase

/// A lease as a reader sees it at an index. A name without live claims looks like one that never was: capacity 1, no
/// holders.
public struct LeaseView: Hashable, Sendable {
    /// The lease.
    public var name: String
    /// How many may hold it at once.
    public var capacity: UInt32
    /// Who holds it, in the order of their claims.
    public var holders: [Holder]
    /// How many wait in line. None, until waiting is built.
    public var waiters: UInt32

    /// Joins the fields.
    public init(name: String, capacity: UInt32, holders: [Holder], waiters: UInt32) {
        self.name = name
        self.capacity = capacity
        self.holders = holders
        self.waiters = waiters
    }

    /// One who holds a lease.
    public struct Holder: Hashable, Sendable {
        /// The claim.
        public var claim: ClaimID
        /// Orders the tenures of the name.
        public var token: FencingToken
        /// The label.
        public var holder: String
        /// What observers read.
        public var value: [UInt8]
        /// The claim's life without renewal.
        public var ttl: Nanoseconds
        /// How long the claim still runs unless it is renewed, from the entry of the index on. Advice, no promise.
        public var remaining: Nanoseconds

        /// Joins the fields.
        public init(
            claim: ClaimID, token: FencingToken, holder: String, value: [UInt8], ttl: Nanoseconds,
            remaining: Nanoseconds
        ) {
            self.claim = claim
            self.token = token
            self.holder = holder
            self.value = value
            self.ttl = ttl
            self.remaining = remaining
        }
    }
}

/// The bytes of a lease's view, little-endian: name with two bytes of length, capacity 4, waiters 4, count of holders 4,
/// then for each: claim 8, token 8, TTL 8, remaining 8, holder with two bytes of length, value with two.
extension LeaseView {
    /// The fewest bytes of a holder: no count may promise more than can follow.
    private static let holderBytes = 36

    /// Appends the view.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(shortText: name)
        bytes.append(uint32: capacity)
        bytes.append(uint32: waiters)
        bytes.append(uint32: UInt32(clamping: holders.count))
        for holder in holders {
            bytes.append(uint64: holder.claim.rawValue)
            bytes.append(uint64: holder.token.rawValue)
            bytes.append(uint64: UInt64(bitPattern: holder.ttl.rawValue))
            bytes.append(uint64: UInt64(bitPattern: holder.remaining.rawValue))
            bytes.append(shortText: holder.holder)
            bytes.append(uint16: UInt16(clamping: holder.value.count))
            bytes.append(contentsOf: holder.value.prefix(Int(UInt16.max)))
        }
    }

    /// Reads a view.
    @_lifetime(reader: copy reader)
    public init(decoding reader: inout ByteReader) throws(DecodingError) {
        name = try reader.shortText()
        capacity = try reader.uint32()
        waiters = try reader.uint32()
        let count = Int(try reader.uint32())
        guard count <= reader.remaining / Self.holderBytes else { throw .truncated }
        holders = []
        for _ in 0..<count {
            let claim = ClaimID(try reader.uint64())
            let token = FencingToken(try reader.uint64())
            let ttl = try reader.nanoseconds()
            let remaining = try reader.nanoseconds()
            let holder = try reader.shortText()
            let value = try reader.slice(Int(try reader.uint16())).array
            holders.append(
                Holder(claim: claim, token: token, holder: holder, value: value, ttl: ttl, remaining: remaining))
        }
    }
}

/// One page of a list, in the byte order of names.
public struct LeasePage: Hashable, Sendable {
    /// The leases with live claims.
    public var leases: [LeaseView]
    /// Whether there are more: then the next page is after the last name of this one.
    public var hasMore: Bool
    /// The entry at which the page is true.
    public var index: LogIndex

    /// Joins the fields.
    public init(leases: [LeaseView], hasMore: Bool, index: LogIndex) {
        self.leases = leases
        self.hasMore = hasMore
        self.index = index
    }

    /// Appends the page: index 8, whether there are more 1, count 4, that many views.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: index.rawValue)
        bytes.append(hasMore ? 1 : 0)
        bytes.append(uint32: UInt32(clamping: leases.count))
        for lease in leases { lease.encode(into: &bytes) }
    }

    /// Reads a page.
    @_lifetime(reader: copy reader)
    public init(decoding reader: inout ByteReader) throws(DecodingError) {
        index = LogIndex(try reader.uint64())
        let more = try reader.byte()
        guard more <= 1 else { throw .invalid }
        hasMore = more == 1
        let count = try reader.uint32()
        leases = []
        for _ in 0..<count { leases.append(try LeaseView(decoding: &reader)) }
    }
}
