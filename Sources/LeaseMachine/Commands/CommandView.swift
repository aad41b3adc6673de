public import LeaseholdBase

/// A command read in place from borrowed bytes: what the door checks and the machine applies, without allocating.
///
/// One flat structure for all kinds; fields that a kind does not have are empty or zero.
public struct CommandView: ~Escapable {
    /// What is asked for.
    public let kind: CommandKind
    /// Names the request; zeros in a renewal.
    public let request: RequestID
    /// The client's lowest request without an answer.
    public let lowestUnanswered: RequestSequence
    /// The newest log time that the client had seen when it first sent the request.
    public let newestSeen: LogTime
    /// Who the client is.
    public let principal: RawSpan
    /// All that follows the head: what a request's tries must agree in.
    public let content: RawSpan
    /// The lease: acquire, release, cancel, update.
    public var name: RawSpan
    /// The label: acquire.
    public var holder: RawSpan
    /// The value: acquire, update.
    public var value: RawSpan
    /// The claim: release, update.
    public var claim = ClaimID(0)
    /// The acquire to undo: cancel.
    public var target = RequestID(instance: ClientInstance(0), sequence: RequestSequence(0))
    /// The claim's life without renewal, in nanoseconds: acquire.
    public var ttl: UInt64 = 0
    /// How long to wait: acquire.
    public var wait: Wait = .none
    /// The lock-delay in nanoseconds: acquire.
    public var lockDelay: UInt64 = 0
    /// How many may hold the lease: acquire.
    public var capacity: UInt32 = 0
    /// How many claims or settings follow: renew, settings.
    public var itemCount = 0
    /// The claims or settings, one after the other: renew, settings. Known to be well-formed.
    public var items: RawSpan

    /// Reads a command. `unknown` says that this build does not know its format or kind; any other error, that no
    /// build would accept it.
    /// - Complexity: O(claims) for a renewal, else O(1).
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) throws(DecodingError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Command.format, let kind = CommandKind(rawValue: try reader.byte()) else {
            throw .unknown
        }
        let extensionBytes = Int(try reader.uint16())
        guard extensionBytes <= reader.remaining else { throw .truncated }
        let none = bytes.extracting(0..<0)
        self.kind = kind
        name = none
        holder = none
        value = none
        items = none
        if kind == .renew {
            request = RequestID(instance: ClientInstance(0), sequence: RequestSequence(0))
            lowestUnanswered = RequestSequence(0)
            newestSeen = .zero
            principal = none
        } else {
            request = RequestID(
                instance: ClientInstance(try reader.uint64()), sequence: RequestSequence(try reader.uint64()))
            lowestUnanswered = RequestSequence(try reader.uint64())
            newestSeen = LogTime(try reader.uint64())
            principal = try reader.slice(Int(try reader.uint16()))
        }
        content = bytes.extracting(reader.offset..<bytes.byteCount)
        if kind.isReserved { return }
        try readBody(&reader)
        _ = try reader.slice(extensionBytes)
        try reader.finish()
    }

    @_lifetime(self: copy reader)
    @_lifetime(reader: copy reader)
    private mutating func readBody(_ reader: inout ByteReader) throws(DecodingError) {
        switch kind {
        case .acquire:
            ttl = try reader.uint64()
            wait = Wait(encoded: try reader.uint64())
            lockDelay = try reader.uint64()
            capacity = try reader.uint32()
            let nameBytes = Int(try reader.uint16())
            let holderBytes = Int(try reader.uint16())
            let valueBytes = Int(try reader.uint32())
            name = try reader.slice(nameBytes)
            holder = try reader.slice(holderBytes)
            value = try reader.slice(valueBytes)
        case .renew:
            itemCount = Int(try reader.uint16())
            let start = reader.offset
            for _ in 0..<itemCount { _ = try RenewalView(&reader) }
            items = reader.bytes.extracting(start..<reader.offset)
        case .release:
            claim = ClaimID(try reader.uint64())
            name = try reader.slice(Int(try reader.uint16()))
        case .cancel:
            target = RequestID(
                instance: ClientInstance(try reader.uint64()), sequence: RequestSequence(try reader.uint64()))
            name = try reader.slice(Int(try reader.uint16()))
        case .update:
            claim = ClaimID(try reader.uint64())
            let nameBytes = Int(try reader.uint16())
            let valueBytes = Int(try reader.uint32())
            name = try reader.slice(nameBytes)
            value = try reader.slice(valueBytes)
        case .settings:
            itemCount = Int(try reader.uint16())
            items = try reader.slice(itemCount * 10)
        case .breakClaim, .revoke, .handOver:
            break
        }
    }
}

/// One claim of a renewal, in place.
struct RenewalView: ~Escapable {
    let claim: ClaimID
    let name: RawSpan
    let principal: RawSpan

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    init(_ reader: inout ByteReader) throws(DecodingError) {
        claim = ClaimID(try reader.uint64())
        let nameBytes = Int(try reader.uint16())
        let principalBytes = Int(try reader.uint16())
        name = try reader.slice(nameBytes)
        principal = try reader.slice(principalBytes)
    }
}
