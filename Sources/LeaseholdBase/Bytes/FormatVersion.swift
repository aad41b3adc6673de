/// How the formats of what is stored and sent grow old: one rule for all of them.
///
/// Everything that outlives a process or leaves it says which format it has: frames, handshakes, entries, commands,
/// memberships, the journal's segments, batches and identity, snapshot files and the state in them. A program reads every
/// format up to its newest, and writes its newest, or an older one where that says all. What is newer it refuses, with
/// both numbers and what to do, and changes nothing: to guess would be to lose what it does not know. So every node may
/// be upgraded by itself, and none may go back once it has written in the newer format.
///
/// What may be added without a new format: fields behind those that are known, in a part that is counted, which an older
/// program skips and which mean nothing that it has to know. What a *command* means is another thing, and has a level
/// that the whole cluster agrees on: see `Settings.level`.
@frozen public struct FormatVersion: Hashable, Sendable {
    /// The format that was found.
    public let found: UInt64
    /// The newest that this program reads.
    public let newest: UInt64

    /// Compares a format with the newest that this program reads.
    @inlinable public init(found: some UnsignedInteger, newest: some UnsignedInteger) {
        self.found = UInt64(found)
        self.newest = UInt64(newest)
    }

    /// Whether this program can read it; there is no format zero.
    @inlinable public var isReadable: Bool { found > 0 && found <= newest }

    /// For people: why it is refused. What it is the format of goes before it.
    public var refusal: String {
        if isReadable { return "parts of format \(found) that this program does not know: use a later version of it" }
        return "format \(found), and this program reads formats 1 to \(newest): use a later version of it"
    }
}
