/// Why a node refused one attempt of a request at the door: it neither appended the command nor handed on a byte of it.
///
/// The numbers and names are stable. A refusal settles the attempt, not the request: an earlier attempt may still be
/// under way elsewhere (trap 25). A refusal for what the request *says* travels as a `LeaseError` instead.
public enum RefusalCode: UInt16, Hashable, Sendable, CaseIterable {
    /// More is asked than the node can do; come back later.
    case overloaded = 1
    /// The space set aside for the journal is nearly used up; renewals and releases go on.
    case diskLow = 2
    /// The node is not ready to serve: being born, catching up, or a leader before its first commit.
    case notReady = 3
    /// The node is about to end.
    case shuttingDown = 4
    /// The request's own deadline had passed when the node came to it.
    case deadlinePassed = 5
    /// The principal may not do this. Asking again will not help.
    case denied = 6
    /// The request is of a kind that is not known or not built. Asking again will not help.
    case notSupported = 7
    /// The request does not follow its layout. Asking again will not help.
    case malformed = 8
    /// Something in the node is wrong.
    case internalError = 9
    /// The node that is named is no voter of the cluster. Asking again will not help.
    case memberUnknown = 10
    /// The leader did not get another node to lead in time, and leads on. The other was asked, and may take over yet.
    case handOverFailed = 11
    /// Without nodes that are silent the voters after the change would be no quorum. It may be forced.
    case losesQuorum = 12
    /// The learner does not keep up yet. To be asked again.
    case notCaughtUp = 13
    /// Another change of the membership is not over yet. To be asked again.
    case changeUnderWay = 14
    /// Such a member there cannot be: its id was used before, or another has its id or an address of it. Asking again will
    /// not help.
    case memberRefused = 15
    /// The snapshot whose bytes are asked for is not the one that counts any more, or cannot be read. To be begun anew.
    case snapshotGone = 16
    /// A snapshot such as is asked for is to be taken, or being taken. To be asked again.
    case snapshotUnderWay = 17
    /// The node that is named runs a program too old for the level of the cluster's commands. Asking again will not help
    /// until it runs a later one.
    case levelUnsupported = 18

    /// Whether the same request may succeed when it is asked again later, or elsewhere.
    public var mayPass: Bool {
        switch self {
        case .overloaded, .diskLow, .notReady, .shuttingDown, .deadlinePassed, .internalError, .notCaughtUp,
            .changeUnderWay, .snapshotUnderWay:
            true
        case .denied, .notSupported, .malformed, .memberUnknown, .handOverFailed, .losesQuorum, .memberRefused,
            .snapshotGone, .levelUnsupported:
            false
        }
    }

    /// The stable name, for people and scripts.
    public var name: String {
        switch self {
        case .overloaded: "overloaded"
        case .diskLow: "disk_low"
        case .notReady: "not_ready"
        case .shuttingDown: "shutting_down"
        case .deadlinePassed: "deadline_passed"
        case .denied: "denied"
        case .notSupported: "not_supported"
        case .malformed: "malformed"
        case .internalError: "internal"
        case .memberUnknown: "member_unknown"
        case .handOverFailed: "hand_over_failed"
        case .losesQuorum: "loses_quorum"
        case .notCaughtUp: "not_caught_up"
        case .changeUnderWay: "change_under_way"
        case .memberRefused: "member_refused"
        case .snapshotGone: "snapshot_gone"
        case .snapshotUnderWay: "snapshot_under_way"
        case .levelUnsupported: "level_unsupported"
        }
    }
}
