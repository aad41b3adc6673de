/// One thing that happened in a run, for people and pictures. Recorded only when somebody wants it.
public struct TraceEvent: Codable, Hashable, Sendable {
    /// What kind of thing it was. What the other fields mean depends on it.
    public enum Kind: String, Codable, Hashable, Sendable {
        /// A process started.
        case started
        /// A process ended: crashed, lost its power, stopped, ended by itself (`text`).
        case ended
        /// A process stands still for `value` nanoseconds.
        case paused
        /// A node's role, term or leader is another (`text`: the role; `value`: the term).
        case role
        /// A node's commit index is `value`.
        case committed
        /// A packet was sent to `other`; it arrives after `value` nanoseconds (`text`: what is in it).
        case sent
        /// A packet to `other` was lost (`text`: what was in it).
        case lost
        /// A disk did something (`text`), in `value` nanoseconds.
        case disk
        /// A client believes in a lease (`text`: its name; `other`: nothing; `value`: its token).
        case believes
        /// A client's belief reaches to another point of true time (`value`).
        case extends
        /// A client believes no more (`text`: the name).
        case believesNoMore
        /// A client asks for something or is answered (`text`).
        case client
        /// A fault begins (`text`; `value`: its number).
        case faultBegan
        /// A fault ends.
        case faultEnded
        /// A node told its operator something.
        case log
        /// A property is violated.
        case violated
    }

    /// When, in nanoseconds of true time.
    public var at: UInt64
    /// The number of the world's event in which it happened.
    public var event: UInt64
    /// What kind of thing.
    public var kind: Kind
    /// The process, by place; −1 for the world itself.
    public var place: Int
    /// The other process, if one is concerned; else −1.
    public var other: Int
    /// A number, as the kind says.
    public var value: UInt64
    /// Words for people.
    public var text: String

    /// Joins the parts.
    public init(
        at: UInt64, event: UInt64, _ kind: Kind, place: Int, other: Int = -1, value: UInt64 = 0, text: String = ""
    ) {
        self.at = at
        self.event = event
        self.kind = kind
        self.place = place
        self.other = other
        self.value = value
        self.text = text
    }
}
