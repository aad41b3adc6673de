/// Why a claim ended. The numbers are part of the formats and never reused.
public enum EndReason: UInt8, BitwiseCopyable, Sendable, CaseIterable, CustomStringConvertible {
    /// Its client gave it back.
    case released = 1
    /// Its deadline passed.
    case expired = 2
    /// Its client undid the acquire.
    case cancelled = 3
    /// An administrator took it. Not built yet.
    case revoked = 4
    /// An administrator ended it after a grace. Not built yet.
    case broken = 5
    /// Its client passed the lease on. Not built yet.
    case handedOver = 6
    /// The cluster was made from a backup, in which the claim stood.
    case restored = 7

    /// The stable word.
    public var description: String {
        switch self {
        case .released: "released"
        case .expired: "expired"
        case .cancelled: "cancelled"
        case .revoked: "revoked"
        case .broken: "broken"
        case .handedOver: "handedOver"
        case .restored: "restored"
        }
    }
}
