extension Command {
    /// Looks into a backup.
    static let snapshotInspect = Command(
        name: "snapshot inspect",
        parameters: [.required("FILE")],
        summary: "Check a backup from end to end, and show what is in it.",
        details: """
            All of the file is read and loaded as a restore would. What is damaged is refused with the place of the first
            bad byte (snapshot_corrupt, exit 65), what a newer version wrote with not_supported. The snapshots in a node's
            own data directory are such files too.
            """,
        setting: "while leasehold dev runs",
        example: """
            leasehold snapshot save /tmp/leases-to-inspect.snapshot
            leasehold snapshot inspect /tmp/leases-to-inspect.snapshot
            """
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let path = invocation.arguments.words[0]
        let (backup, id) = try BackupFile.read(path)
        let report = BackupReport(path, id, backup)
        try invocation.output.write(.object(report.members)) { report.table }
        return 0
    }
}
