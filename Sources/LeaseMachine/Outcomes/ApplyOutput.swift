public import LeaseholdBase

/// What applying an entry produced. Reused: emptied by the next apply, and warm after a few.
public struct ApplyOutput: Sendable {
    /// What came of the entry's command; nil for an entry without one.
    public internal(set) var outcome: Outcome?
    /// The claims of a renewal, in its order.
    public internal(set) var statuses: [ClaimStatus] = []
    /// What happened to leases, in order: first by the command, then by time.
    public internal(set) var events: [LeaseEvent] = []
    /// The names in the events, one after the other.
    var names: [UInt8] = []

    /// An empty output.
    public init() {}

    /// The name of the lease that an event is of.
    public func name(of event: LeaseEvent) -> String { Text.string(nameBytes(of: event)) }

    /// The name of the lease that an event is of, in UTF-8.
    @_lifetime(borrow self)
    public func nameBytes(of event: LeaseEvent) -> RawSpan {
        unsafe names.span.bytes.extracting(event.nameStart..<event.nameStart + event.nameCount)
    }

    /// Appends the outcome's bytes, a renewal's statuses included; nothing when there is no outcome.
    public func encodeOutcome(into bytes: inout [UInt8]) {
        outcome?.encode(statuses: statuses.span, into: &bytes)
    }

    /// Appends the outcome of a renewal that was part of a larger one: of those statuses alone.
    public func encodeRenewal(of range: Range<Int>, into bytes: inout [UInt8]) {
        Outcome.renewed.encode(statuses: statuses.span.extracting(range), into: &bytes)
    }

    mutating func removeAll() {
        outcome = nil
        statuses.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
    }

    mutating func append(_ kind: LeaseEvent.Kind, claim: ClaimID, token: FencingToken, name: RawSpan) {
        events.append(
            LeaseEvent(kind: kind, claim: claim, token: token, nameStart: names.count, nameCount: name.byteCount))
        names.append(bytes: name)
    }
}

/// Something that happened to a lease, for those who watch it.
public struct LeaseEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A claim began to hold.
        case granted
        /// A claim ended.
        case ended(EndReason)
        /// A claim has another value.
        case updated
    }

    /// What happened.
    public let kind: Kind
    /// To which claim.
    public let claim: ClaimID
    /// The claim's token.
    public let token: FencingToken
    let nameStart: Int
    let nameCount: Int
}
