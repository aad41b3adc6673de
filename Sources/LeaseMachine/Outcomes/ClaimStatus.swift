public import LeaseholdBase

/// How a claim stands at an entry.
public enum ClaimStatus: Hashable, Sendable {
    /// In line; the first has position 1. Not built yet.
    case waiting(position: UInt32)
    /// Holds the lease. The client may count on it for `validFor` from the moment before it began to send the attempt
    /// that this answers, less what clocks may err (trap 67).
    case holding(token: FencingToken, validFor: Nanoseconds)
    /// Holds the lease still, and will not be extended any more. Not built yet.
    case ending(EndReason, validFor: Nanoseconds)
    /// Over, for ever.
    case ended(EndReason)
    /// Never was, ended long ago, or is another's.
    case unknown
}

/// The bytes of a status, little-endian: kind 1, then by kind
///
///     0 unknown   –
///     1 waiting   position 4
///     2 holding   token 8, valid for 8
///     3 ending    reason 1, valid for 8, detail length 2, detail
///     4 ended     reason 1, detail length 2, detail
///
/// The detail has its place for who and why; this build writes none and skips it.
extension ClaimStatus {
    /// Appends the status.
    public func encode(into bytes: inout [UInt8]) {
        switch self {
        case .unknown: bytes.append(0)
        case .waiting(let position):
            bytes.append(1)
            bytes.append(uint32: position)
        case .holding(let token, let validFor):
            bytes.append(2)
            bytes.append(uint64: token.rawValue)
            bytes.append(uint64: UInt64(bitPattern: validFor.rawValue))
        case .ending(let reason, let validFor):
            bytes.append(3)
            bytes.append(reason.rawValue)
            bytes.append(uint64: UInt64(bitPattern: validFor.rawValue))
            bytes.append(uint16: 0)
        case .ended(let reason):
            bytes.append(4)
            bytes.append(reason.rawValue)
            bytes.append(uint16: 0)
        }
    }

    /// Reads a status.
    @_lifetime(reader: copy reader)
    public init(decoding reader: inout ByteReader) throws(DecodingError) {
        switch try reader.byte() {
        case 0: self = .unknown
        case 1: self = .waiting(position: try reader.uint32())
        case 2:
            let token = FencingToken(try reader.uint64())
            self = .holding(token: token, validFor: try reader.nanoseconds())
        case 3:
            let reason = try EndReason(decoding: &reader)
            let validFor = try reader.nanoseconds()
            _ = try reader.slice(Int(try reader.uint16()))
            self = .ending(reason, validFor: validFor)
        case 4:
            let reason = try EndReason(decoding: &reader)
            _ = try reader.slice(Int(try reader.uint16()))
            self = .ended(reason)
        default: throw .unknown
        }
    }
}

extension EndReason {
    @_lifetime(reader: copy reader)
    init(decoding reader: inout ByteReader) throws(DecodingError) {
        guard let reason = EndReason(rawValue: try reader.byte()) else { throw .unknown }
        self = reason
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    mutating func nanoseconds() throws(DecodingError) -> Nanoseconds {
        Nanoseconds(Int64(bitPattern: try uint64()))
    }

    /// Two bytes of length and so much text; invalid unless it is UTF-8.
    @_lifetime(self: copy self)
    mutating func shortText() throws(DecodingError) -> String {
        let bytes = try slice(Int(try uint16()))
        guard let text = unsafe bytes.withUnsafeBytes({ unsafe String(validating: $0, as: UTF8.self) }) else {
            throw .invalid
        }
        return text
    }
}
