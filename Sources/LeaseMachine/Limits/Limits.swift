public import LeaseholdBase

/// All limits that are part of what commands mean, each with the error that answers its breach.
///
/// They hold on every node alike, whatever its configuration: apply depends on nothing but state and entry. Limits
/// that an operator may change are replicated ``Settings``; those of a connection or a frame stand with the wire.
public enum Limits {
    /// A lease's name has 1 to 255 bytes of UTF-8 without control characters, else ``LeaseError/nameInvalid``.
    public static let nameBytes = 255
    /// A holder's label has 1 to 255 bytes of UTF-8 without control characters, else ``LeaseError/holderInvalid``.
    public static let holderBytes = 255
    /// A principal has up to 255 bytes of UTF-8 without control characters, else ``LeaseError/malformed``.
    public static let principalBytes = 255
    /// A value has up to 4 KiB of anything, else ``LeaseError/valueTooLong``.
    public static let valueBytes = 4096
    /// A client's renewal names up to 1,000 claims, else ``LeaseError/malformed``.
    public static let claimsPerRenewal = 1_000
    /// An entry that joins the renewals of several clients names up to 16,000 claims, else ``LeaseError/malformed``.
    public static let claimsPerRenewalEntry = 16_000
    /// A command that changes settings changes up to 64, else ``LeaseError/malformed``.
    public static let settingsPerCommand = 64
    /// How far beyond the limits of instances and of their requests changes of settings are still taken: whoever wants to
    /// raise a limit that is reached must be able to.
    public static let operatorReserve: UInt64 = 16
    /// A list's page shows up to 1,000 leases.
    public static let leasesPerPage = 1_000
    /// The only capacity built yet; another is answered ``LeaseError/notSupported``.
    public static let onlyCapacity: UInt32 = 1
    /// The shortest and the longest TTL that settings may ever allow.
    public static let ttl: ClosedRange<Nanoseconds> = .milliseconds(500)...(.seconds(86_400))
}
