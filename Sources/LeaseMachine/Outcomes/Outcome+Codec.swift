public import LeaseholdBase

/// The bytes of an outcome, as clients get it. Little-endian; kind 1, then by kind
///
///     1 acquired   claim 8, status
///     2 renewed    count 2, that many statuses
///     3 released   claim 8, reason 1, detail length 2, detail
///     4 cancelled  what 1 (1 ended, 2 remembered, 3 had ended, 4 nothing), claim 8, reason 1 (zero when none)
///     5 updated    claim 8
///     6 settings   –
///     7 refused    error
extension Outcome {
    /// Appends the outcome; `statuses` are those of a renewal, and are not looked at otherwise.
    public func encode(statuses: Span<ClaimStatus> = Span(), into bytes: inout [UInt8]) {
        switch self {
        case .acquired(let claim, let status):
            bytes.append(1)
            bytes.append(uint64: claim.rawValue)
            status.encode(into: &bytes)
        case .renewed:
            bytes.append(2)
            bytes.append(uint16: UInt16(clamping: statuses.count))
            for position in 0..<min(statuses.count, Int(UInt16.max)) { statuses[position].encode(into: &bytes) }
        case .released(let claim, let reason):
            bytes.append(3)
            bytes.append(uint64: claim.rawValue)
            bytes.append(reason.rawValue)
            bytes.append(uint16: 0)
        case .cancelled(let cancellation):
            bytes.append(4)
            cancellation.encode(into: &bytes)
        case .updated(let claim):
            bytes.append(5)
            bytes.append(uint64: claim.rawValue)
        case .settingsChanged: bytes.append(6)
        case .refused(let error):
            bytes.append(7)
            error.encode(into: &bytes)
        }
    }

    /// Reads an outcome. The statuses of a renewal are put in place of those in the array; it is emptied otherwise.
    @_lifetime(reader: copy reader)
    public init(decoding reader: inout ByteReader, statuses: inout [ClaimStatus]) throws(DecodingError) {
        statuses.removeAll(keepingCapacity: true)
        switch try reader.byte() {
        case 1:
            let claim = ClaimID(try reader.uint64())
            self = .acquired(claim: claim, try ClaimStatus(decoding: &reader))
        case 2:
            for _ in 0..<(try reader.uint16()) { statuses.append(try ClaimStatus(decoding: &reader)) }
            self = .renewed
        case 3:
            let claim = ClaimID(try reader.uint64())
            let reason = try EndReason(decoding: &reader)
            _ = try reader.slice(Int(try reader.uint16()))
            self = .released(claim: claim, reason)
        case 4: self = .cancelled(try Cancellation(decoding: &reader))
        case 5: self = .updated(claim: ClaimID(try reader.uint64()))
        case 6: self = .settingsChanged
        case 7: self = .refused(try LeaseError(decoding: &reader))
        default: throw .unknown
        }
    }
}

extension Cancellation {
    func encode(into bytes: inout [UInt8]) {
        let (what, claim, reason): (UInt8, ClaimID, UInt8) =
            switch self {
            case .ended(let claim): (1, claim, 0)
            case .remembered: (2, ClaimID(0), 0)
            case .hadEnded(let claim, let reason): (3, claim, reason.rawValue)
            case .nothing: (4, ClaimID(0), 0)
            }
        bytes.append(what)
        bytes.append(uint64: claim.rawValue)
        bytes.append(reason)
    }

    @_lifetime(reader: copy reader)
    init(decoding reader: inout ByteReader) throws(DecodingError) {
        let what = try reader.byte()
        let claim = ClaimID(try reader.uint64())
        let reason = EndReason(rawValue: try reader.byte())
        switch what {
        case 1: self = .ended(claim: claim)
        case 2: self = .remembered
        case 3:
            guard let reason else { throw .unknown }
            self = .hadEnded(claim: claim, reason)
        case 4: self = .nothing
        default: throw .unknown
        }
    }
}

/// The bytes of an error: number 1, then for ttlOutOfRange minimum 8, maximum 8; for quarantined remaining 8; for held token 8, remaining 8, name
/// and holder with two bytes of length each; for ended reason 1, detail length 2, detail.
extension LeaseError {
    /// Appends the error.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(number)
        switch self {
        case .ttlOutOfRange(let minimum, let maximum):
            bytes.append(uint64: UInt64(bitPattern: minimum.rawValue))
            bytes.append(uint64: UInt64(bitPattern: maximum.rawValue))
        case .held(let held):
            bytes.append(uint64: held.token.rawValue)
            bytes.append(uint64: UInt64(bitPattern: held.remaining.rawValue))
            bytes.append(shortText: held.name)
            bytes.append(shortText: held.holder)
        case .ended(let reason):
            bytes.append(reason.rawValue)
            bytes.append(uint16: 0)
        case .quarantined(let remaining): bytes.append(uint64: UInt64(bitPattern: remaining.rawValue))
        default: break
        }
    }

    /// Reads an error.
    @_lifetime(reader: copy reader)
    public init(decoding reader: inout ByteReader) throws(DecodingError) {
        switch try reader.byte() {
        case 1: self = .nameInvalid
        case 2: self = .holderInvalid
        case 3: self = .valueTooLong
        case 4:
            let minimum = try reader.nanoseconds()
            self = .ttlOutOfRange(minimum: minimum, maximum: try reader.nanoseconds())
        case 5: self = .capacityMismatch
        case 6: self = .notSupported
        case 7:
            let token = FencingToken(try reader.uint64())
            let remaining = try reader.nanoseconds()
            let name = try reader.shortText()
            self = .held(Held(name: name, holder: try reader.shortText(), token: token, remaining: remaining))
        case 8: self = .claimUnknown
        case 9:
            let reason = try EndReason(decoding: &reader)
            _ = try reader.slice(Int(try reader.uint16()))
            self = .ended(reason)
        case 10: self = .tooOld
        case 11: self = .requestReused
        case 12: self = .overloaded
        case 13: self = .malformed
        case 14: self = .settingInvalid
        case 15: self = .quarantined(remaining: try reader.nanoseconds())
        default: throw .unknown
        }
    }

    private var number: UInt8 {
        switch self {
        case .nameInvalid: 1
        case .holderInvalid: 2
        case .valueTooLong: 3
        case .ttlOutOfRange: 4
        case .capacityMismatch: 5
        case .notSupported: 6
        case .held: 7
        case .claimUnknown: 8
        case .ended: 9
        case .tooOld: 10
        case .requestReused: 11
        case .overloaded: 12
        case .malformed: 13
        case .settingInvalid: 14
        case .quarantined: 15
        }
    }
}
