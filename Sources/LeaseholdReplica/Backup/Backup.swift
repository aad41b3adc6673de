public import LeaseMachine
public import LeaseholdBase
public import LeaseholdJournal
public import Raft

/// A cluster's state as of one entry of its log, and what goes with it into a file: what is saved, looked at, restored.
///
/// A backup has the form of the snapshots that nodes keep and send one another.
public struct Backup: Sendable {
    /// What it is of.
    public let header: SnapshotHeader
    /// The members at that entry.
    public let membership: Membership
    /// The state at that entry.
    public private(set) var machine: LeaseMachine

    /// Joins the parts, which are of one entry.
    init(header: SnapshotHeader, membership: Membership, machine: consuming LeaseMachine) {
        self.header = header
        self.membership = membership
        self.machine = machine
    }

    /// How long nothing is granted yet, if the cluster was itself restored a while before.
    public var quarantineLeft: Nanoseconds { machine.quarantineLeft }
}

extension LeaseMachine {
    /// How much of the quarantine behind a restore is left; zero when there is none.
    var quarantineLeft: Nanoseconds { logTime < quarantineUntil ? quarantineUntil - logTime : .zero }
}

/// Makes the bytes of a backup's file, a share at a time.
///
///     var writer = BackupWriter(backup)
///     while true {
///         let id = writer.write(into: &bytes)
///         // … write the bytes behind those before
///         if let id { break }
///     }
public struct BackupWriter: Sendable {
    private var machine: LeaseMachine
    private var file: SnapshotFileWriter

    /// How many bytes come at a time, about.
    public static let shareBytes = 256 << 10

    /// Nothing written yet.
    public init(_ backup: consuming Backup) {
        machine = backup.machine
        file = SnapshotFileWriter(backup.header)
        machine.beginSnapshot()
    }

    /// Appends the next bytes. With the last of them comes the file's name among nodes; then nothing more is to be asked.
    public mutating func write(into bytes: inout [UInt8]) -> SnapshotID? {
        var content: [UInt8] = []
        let isAll = machine.writeSnapshot(atMost: Self.shareBytes, into: &content)
        unsafe file.append(content.span.bytes)
        let id = isAll ? file.finish() : nil
        file.take(into: &bytes)
        return id
    }
}
