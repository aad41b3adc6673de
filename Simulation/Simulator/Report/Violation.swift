/// What contradicts a property: which, when, and the two facts that cannot both be.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The property's number in the table of `Simulation/README.md`; zero for an invariant of a module itself.
    public var property: Int
    /// When, in nanoseconds of true time.
    public var at: UInt64
    /// The number of the event after which it was seen.
    public var event: UInt64
    /// Whose doing it is: `node 2`, `client 1`.
    public var process: String
    /// What was seen.
    public var what: String
    /// What it contradicts.
    public var against: String

    /// Joins the parts.
    public init(_ property: Int, at: UInt64, event: UInt64, by process: String, what: String, against: String) {
        self.property = property
        self.at = at
        self.event = event
        self.process = process
        self.what = what
        self.against = against
    }

    /// How a run ends that it was found in.
    public var verdict: Verdict {
        switch property {
        case 16, 22, 23: .liveness
        case 17, 18: .linearizability
        default: .safety
        }
    }

    /// One line for people.
    public var description: String {
        "property \(property) at \(seconds(at)), event \(event): \(process) \(what)"
            + (against.isEmpty ? "" : "; but \(against)")
    }
}
