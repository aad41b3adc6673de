public import LeaseholdBase

/// What nodes say to one another before there is a cluster.
public enum BirthMessage: Hashable, Sendable {
    /// My directory is empty, these ids are what I was started with, and this is the incarnation of yours that I have
    /// heard of last (``Incarnation/unknown`` when of none): so that a presence meant for a directory that is gone is
    /// not taken for one.
    case presence(listed: [NodeID], incarnation: Incarnation, heard: Incarnation)
    /// You belong to a cluster that is born: this is the payload of its birth entry.
    case born(payload: [UInt8])
    /// You cannot take part.
    case refused(BirthRefusal)
}

/// Why a node with an empty directory cannot take part.
public enum BirthRefusal: UInt8, Hashable, Sendable {
    /// The cluster is born, and does not know this id: it is to be added as a new member.
    case unknownMember = 1
    /// The cluster is born, and knows this id by another directory: a wiped directory has forgotten its votes and
    /// entries, and is to be added as a new member (trap 36).
    case otherIncarnation = 2
    /// The nodes were started with different lists. No end of it: the lists may be set right.
    case listsDiffer = 3
}

/// The first entry of a cluster: index 1 of term 1, the membership with all incarnations and the random cluster id.
public struct BirthEntry: Hashable, Sendable {
    /// The entry's header.
    public var header: EntryHeader
    /// The encoded membership.
    public var payload: [UInt8]
    /// The membership.
    public var membership: Membership
    /// What is written with it, as one: the term of the entry (trap 6).
    public var hardState: HardState { HardState(term: header.term, votedFor: nil) }

    /// The birth entry with a membership; log time begins with it. Every node makes the same bytes of it, so it has no
    /// wall time.
    public init(_ membership: Membership) {
        self.membership = membership
        payload = membership.encoded()
        header = EntryHeader(
            index: LogIndex(1), term: Term(1), logTime: .zero, wallTime: .zero, kind: .membership,
            payloadCount: payload.count)
    }
}

/// What a node is told to find its cluster with.
public struct BirthConfiguration: Hashable, Sendable {
    /// This node.
    public var id: NodeID
    /// This node's data directory.
    public var incarnation: Incarnation
    /// All nodes of the cluster to be, this one too; their incarnations are not known and not looked at.
    public var listed: [Member]
    /// How often the node shows itself.
    public var interval: Nanoseconds

    /// Joins the fields.
    public init(
        id: NodeID, incarnation: Incarnation, listed: [Member], interval: Nanoseconds = .milliseconds(100)
    ) {
        self.id = id
        self.incarnation = incarnation
        self.listed = listed
        self.interval = interval
    }
}

/// What can happen to a node that is not born.
public enum BirthEvent: Hashable, Sendable {
    /// Time has passed: to be told no later than ``Birth/deadline``.
    case tick
    /// A node said something.
    case received(from: NodeID, BirthMessage)
    /// The birth entry of ``BirthEffect/store(_:)`` is durable, with its term.
    case stored
}

/// What a node that is not born wants done.
public enum BirthEffect: Hashable, Sendable {
    /// Send a message.
    case send(to: NodeID, BirthMessage)
    /// Make the birth entry and its hard state durable, as one, and say ``BirthEvent/stored``.
    case store(BirthEntry)
    /// The node is born: start ``Raft`` on what was stored.
    case born(BirthEntry)
    /// The node cannot take part, says that node. Final but for ``BirthRefusal/listsDiffer``, which is told so that
    /// it can be shown.
    case refused(by: NodeID, BirthRefusal)
}
