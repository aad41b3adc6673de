internal import LeaseholdBase

/// The bytes of a command, the same in a client's frame and in the log. Little-endian.
///
///     0       1     2                 4
///     | format| kind| extension bytes | head | body | extension |
///
/// The head, in every kind but renew: instance 8, sequence 8, lowest unanswered 8, newest log time seen 8, principal
/// length 2, principal. The body by kind:
///
///     acquire   ttl 8, wait 8, lock-delay 8, capacity 4, name length 2, holder length 2, value length 4,
///               name, holder, value
///     renew     count 2, then for each: claim 8, name length 2, principal length 2, name, principal
///     release   claim 8, name length 2, name
///     cancel    instance 8, sequence 8, name length 2, name
///     update    claim 8, name length 2, value length 4, name, value
///     settings  count 2, then for each: key 2, value 8
///
/// Length fields are wider than the limits, so that what is too long arrives and is refused by its own error.
///
/// The extension is what later builds may add; this one writes none and skips what it finds.
extension Command {
    /// The format that this build writes and reads.
    public static let format: UInt8 = 1

    /// Appends the command's bytes. Nothing is checked: a text, value or list that is too long for its length field is
    /// cut to the longest that the field can say, which every limit still refuses.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(Self.format)
        bytes.append(kind.rawValue)
        bytes.append(uint16: 0)
        switch self {
        case .acquire(let head, let acquire):
            head.encode(into: &bytes)
            acquire.encode(into: &bytes)
        case .renew(let renewals):
            bytes.append(uint16: UInt16(clamping: renewals.count))
            for renewal in renewals.prefix(Int(UInt16.max)) { renewal.encode(into: &bytes) }
        case .release(let head, let claim):
            head.encode(into: &bytes)
            bytes.append(uint64: claim.claim.rawValue)
            bytes.append(shortText: claim.name)
        case .cancel(let head, let cancel):
            head.encode(into: &bytes)
            bytes.append(uint64: cancel.target.instance.rawValue)
            bytes.append(uint64: cancel.target.sequence.rawValue)
            bytes.append(shortText: cancel.name)
        case .update(let head, let update):
            head.encode(into: &bytes)
            bytes.append(uint64: update.claim.claim.rawValue)
            let name = update.claim.name.utf8.prefix(Int(UInt16.max))
            let value = update.value.prefix(Int(UInt16.max))
            bytes.append(uint16: UInt16(name.count))
            bytes.append(uint32: UInt32(value.count))
            bytes.append(contentsOf: name)
            bytes.append(contentsOf: value)
        case .settings(let head, let changes):
            head.encode(into: &bytes)
            bytes.append(uint16: UInt16(clamping: changes.count))
            for change in changes.prefix(Int(UInt16.max)) {
                bytes.append(uint16: change.key)
                bytes.append(uint64: change.value)
            }
        }
    }

    /// What the command asks for.
    public var kind: CommandKind {
        switch self {
        case .acquire: .acquire
        case .renew: .renew
        case .release: .release
        case .cancel: .cancel
        case .update: .update
        case .settings: .settings
        }
    }
}

extension RequestHead {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: request.instance.rawValue)
        bytes.append(uint64: request.sequence.rawValue)
        bytes.append(uint64: lowestUnanswered.rawValue)
        bytes.append(uint64: newestSeen.rawValue)
        bytes.append(shortText: principal)
    }
}

extension Acquire {
    func encode(into bytes: inout [UInt8]) {
        let name = name.utf8.prefix(Int(UInt16.max))
        let holder = holder.utf8.prefix(Int(UInt16.max))
        let value = value.prefix(Int(UInt16.max))
        bytes.append(uint64: UInt64(max(0, ttl.rawValue)))
        bytes.append(uint64: wait.encoded)
        bytes.append(uint64: UInt64(max(0, lockDelay.rawValue)))
        bytes.append(uint32: capacity)
        bytes.append(uint16: UInt16(name.count))
        bytes.append(uint16: UInt16(holder.count))
        bytes.append(uint32: UInt32(value.count))
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: holder)
        bytes.append(contentsOf: value)
    }
}

extension Renewal {
    func encode(into bytes: inout [UInt8]) {
        let name = name.utf8.prefix(Int(UInt16.max))
        let principal = principal.utf8.prefix(Int(UInt16.max))
        bytes.append(uint64: claim.rawValue)
        bytes.append(uint16: UInt16(name.count))
        bytes.append(uint16: UInt16(principal.count))
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: principal)
    }
}

extension [UInt8] {
    /// Appends two bytes of length and the text.
    mutating func append(shortText text: String) {
        let utf8 = text.utf8.prefix(Int(UInt16.max))
        append(uint16: UInt16(utf8.count))
        append(contentsOf: utf8)
    }

    /// Appends two bytes of length and the bytes.
    mutating func append(shortBytes bytes: RawSpan) {
        let count = Swift.min(Int(UInt16.max), bytes.byteCount)
        append(uint16: UInt16(count))
        append(bytes: bytes.extracting(0..<count))
    }
}
