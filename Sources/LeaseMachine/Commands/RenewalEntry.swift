internal import LeaseholdBase

/// Joins the claims of several clients' renewals into one command: a renewal makes no token, so that many may share an
/// entry of the log. The claims' bytes are taken over as the clients sent them (``CommandView/items``).
public enum RenewalEntry {
    /// How many bytes stand before the first claim.
    private static let headBytes = 6

    /// Begins the command in an empty buffer; claims' bytes are appended next.
    public static func begin(in bytes: inout [UInt8]) {
        precondition(bytes.isEmpty, "the command stands alone in its buffer")
        bytes.append(Command.format)
        bytes.append(CommandKind.renew.rawValue)
        bytes.append(uint16: 0)
        bytes.append(uint16: 0)
    }

    /// Ends the command: tells how many claims were appended, at most ``Limits/claimsPerRenewalEntry``.
    public static func finish(claims: Int, in bytes: inout [UInt8]) {
        precondition(bytes.count >= headBytes && claims <= Limits.claimsPerRenewalEntry, "within the limit of an entry")
        bytes[4] = UInt8(truncatingIfNeeded: claims)
        bytes[5] = UInt8(truncatingIfNeeded: claims >> 8)
    }
}
