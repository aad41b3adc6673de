extension Command {
    /// Everything that the binary does, in the order of the help.
    package static let all: [Command] = [
        .dev, .serve, .acquire, .renew, .release, .update, .cancel, .get, .list, .status, .transferLeader,
        .memberList, .memberAdd, .memberPromote, .memberRemove, .memberReplace, .bench,
        .journalInspect, .snapshotSave, .snapshotInspect, .snapshotRestore,
    ]
}
