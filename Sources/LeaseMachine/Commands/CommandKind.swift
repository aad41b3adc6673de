/// What a command asks for. The numbers are part of the format and never reused.
public enum CommandKind: UInt8, Sendable, CaseIterable {
    /// Asks for a lease.
    case acquire = 1
    /// Extends claims.
    case renew = 2
    /// Ends a claim.
    case release = 3
    /// Undoes an acquire of unknown outcome.
    case cancel = 4
    /// Gives a claim another value.
    case update = 5
    /// Changes replicated settings.
    case settings = 6
    /// Reserved: ends a claim after a grace, by an administrator.
    case breakClaim = 16
    /// Reserved: ends a claim at its deadline at the latest, by an administrator.
    case revoke = 17
    /// Reserved: passes a lease from its holder to a waiting claim.
    case handOver = 18

    /// Whether the kind has its place in the format and no meaning yet: answered ``LeaseError/notSupported``.
    public var isReserved: Bool { rawValue >= 16 }
}
