/// Every code that an error of the command line carries, with the exit status that goes with it. Scripts rely on both.
package enum FailureCode: String, CaseIterable, Sendable {
    case usage
    case nameInvalid = "name_invalid"
    case holderInvalid = "holder_invalid"
    case valueTooLong = "value_too_long"
    case ttlOutOfRange = "ttl_out_of_range"
    case capacityMismatch = "capacity_mismatch"
    case notSupported = "not_supported"
    case memberUnknown = "member_unknown"
    case memberRefused = "member_refused"
    case levelUnsupported = "level_unsupported"
    case journalCorrupt = "journal_corrupt"
    case snapshotCorrupt = "snapshot_corrupt"
    case unreachable
    case overloaded
    case diskLow = "disk_low"
    case losesQuorum = "loses_quorum"
    case notCaughtUp = "not_caught_up"
    case changeUnderWay = "change_under_way"
    case snapshotGone = "snapshot_gone"
    case snapshotUnderWay = "snapshot_under_way"
    case `internal`
    case addressInUse = "address_in_use"
    case directoryLocked = "directory_locked"
    case ioError = "io_error"
    case held
    case outcomeUnknown = "outcome_unknown"
    case handOverFailed = "hand_over_failed"
    case denied
    case wrongIdentity = "wrong_identity"
    case ended
    case claimUnknown = "claim_unknown"
    case tooOld = "too_old"

    /// What the process exits with.
    package var exitStatus: Int32 {
        switch self {
        case .usage, .nameInvalid, .holderInvalid, .valueTooLong, .ttlOutOfRange, .capacityMismatch, .notSupported,
            .memberUnknown, .memberRefused, .levelUnsupported:
            64
        case .journalCorrupt, .snapshotCorrupt: 65
        case .unreachable, .overloaded, .diskLow, .losesQuorum, .notCaughtUp, .changeUnderWay,
            .snapshotGone, .snapshotUnderWay:
            69
        case .internal: 70
        case .addressInUse, .directoryLocked: 73
        case .ioError: 74
        case .held: 75
        case .outcomeUnknown, .handOverFailed: 76
        case .denied: 77
        case .wrongIdentity: 78
        case .ended, .claimUnknown, .tooOld: 79
        }
    }
}

/// Why a command did not do what it was asked to.
package struct CommandFailure: Error, Sendable {
    /// What scripts look at.
    package let code: FailureCode
    /// What people read: a sentence without a full stop.
    package let message: String
    /// Further keys of the JSON form.
    package let details: [(key: String, value: JSON)]

    /// A failure.
    package init(_ code: FailureCode, _ message: String, details: [(key: String, value: JSON)] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The form for scripts.
    package var json: JSON {
        .object([("error", .string(code.rawValue)), ("message", .string(message))] + details)
    }
}
