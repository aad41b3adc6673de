public import LeaseholdBase

/// The meaning of commands has a level, the same on all nodes of a cluster because an entry of the log raises it.
///
/// A program that gives a command another meaning, or adds one, does so from a greater level on: it understands all up to
/// its own, and does at each level what every program does at it. Each node tells the others the greatest level that it
/// understands. Once every member has told of a greater one, learners included, the leader raises the level, by a
/// command of the cluster's own. Until then what is new is refused as ``LeaseError/notSupported``.
///
/// A node that meets a raise, or a snapshot, above what it understands stops before it applies anything: whatever it
/// guessed, its state would be another than that of the others. So nodes are upgraded one by one, in any order; a member
/// that is away for good holds the level down until it is removed; and nobody goes back once the level is raised.
extension Settings {
    /// The greatest level that this build understands.
    public static let knownLevel: UInt64 = 1

    /// The command by which a leader raises the level. A leader that does so once more than is needed does no harm: the
    /// requests of one level are one request.
    ///
    /// - Parameter newestSeen: The log time of the leader's last entry.
    public static func raise(to level: UInt64, newestSeen: LogTime) -> Command {
        let request = RequestID(instance: .cluster, sequence: RequestSequence(level))
        return .settings(
            RequestHead(request: request, lowestUnanswered: request.sequence, newestSeen: newestSeen),
            [SettingChange(.level, level)])
    }
}

extension ClientInstance {
    /// The cluster itself. No client may call itself so: the door refuses it.
    public static let cluster = ClientInstance(.max)
}

/// An entry holds a command, a setting or a level that this build does not understand. The node stops: going on would
/// make its state another than that of the nodes that do.
public struct UnknownCommand: Error, Hashable, Sendable, CustomStringConvertible {
    /// The level that it raises the meaning of commands to, if it is that.
    public let level: UInt64?
    /// The greatest level that is understood here.
    public let known: UInt64

    /// A command that is not known, or a level above the one that is.
    public init(level: UInt64? = nil, known: UInt64 = Settings.knownLevel) {
        self.level = level
        self.known = known
    }

    /// For people: what it is, and what to do.
    public var description: String {
        let what = level.map { "raises the level of commands to \($0)" } ?? "holds a command of a later version"
        return "\(what), and this program understands levels up to \(known): start a later version of it"
    }
}
