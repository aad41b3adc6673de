/// Which kinds of trouble a run is about.
public enum Profile: String, Codable, CaseIterable, Hashable, Sendable {
    /// A little of everything, for some seconds: for tests.
    case smoke
    /// Each kind of fault switched off as well as on, and scaled, by the seed.
    case swarm
    /// Clocks of any rate, suspended processes, jumping wall clocks. Beliefs are wrong there now and then, and tokens
    /// alone protect (property 14).
    case clocks
    /// Disks that are slow, stalled, full, failing and damaged.
    case disks
    /// Changes of membership.
    case membership
    /// No fault at all: what is not quiet there is a fault of the program.
    case quiet
}
