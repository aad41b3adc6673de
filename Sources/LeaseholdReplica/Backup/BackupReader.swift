internal import LeaseMachine
internal import LeaseholdBase
public import LeaseholdJournal
internal import Raft

/// Makes a backup of a file's bytes, which come in pieces of any size. All of it is checked, and nothing traps: a file is
/// whatever somebody found.
///
///     var reader = BackupReader(name: path, hashSeed: seed)
///     while !reader.isComplete {
///         // … read the next bytes
///         guard !bytes.isEmpty else { throw reader.endsEarly }
///         try reader.feed(bytes)
///     }
///     let (backup, id) = try reader.finish()
///
/// What stands behind the end is not looked at: the room of a larger file may have been used. Memory: the state, and a
/// piece.
public struct BackupReader: Sendable {
    private let name: String
    private var file: SnapshotFileReader
    private var loader: SnapshotLoader
    private var header: SnapshotHeader?
    private var membership = Membership.none
    private var id: SnapshotID?

    /// A reader at the file's beginning. The name is told in errors; the seed is for lookup tables alone. Commands are
    /// understood up to a level: that of this program, when none is told.
    public init(name: String, hashSeed: UInt64, knownLevel: UInt64? = nil) {
        self.name = name
        file = SnapshotFileReader(name: name)
        loader = SnapshotLoader(hashSeed: hashSeed, knownLevel: knownLevel ?? Settings.knownLevel)
    }

    /// Whether the head has come: no file without one is a backup.
    public var hasHead: Bool { header != nil }

    /// Whether the file's end has come.
    public var isComplete: Bool { id != nil }

    /// The error for a file that has no more bytes.
    public var endsEarly: JournalError { file.endsEarly }

    /// Takes the next bytes. After an error nothing more is to be handed in.
    public mutating func feed(_ bytes: RawSpan) throws(JournalError) {
        file.feed(bytes)
        while let item = try file.next() {
            switch item {
            case .header(let header): try take(header)
            case .content:
                do throws(SnapshotError) { try loader.load(file.content) } catch { throw placed(error) }
            case .end(let id): self.id = id
            }
        }
    }

    /// The backup, and the name of its file among nodes, once the file's end has come.
    public consuming func finish() throws(JournalError) -> (Backup, SnapshotID) {
        guard let header, let id else { throw file.endsEarly }
        let machine: LeaseMachine
        do throws(SnapshotError) { machine = try loader.finish() } catch { throw placed(error) }
        let state = (machine.appliedIndex, machine.logTime, machine.wallTime)
        guard state == (header.lastIndex, header.logTime, header.wallTime) else {
            throw .snapshotCorrupt(file: name, offset: 0, reason: "its head tells of another state than it holds")
        }
        return (Backup(header: header, membership: membership, machine: machine), id)
    }

    private mutating func take(_ header: SnapshotHeader) throws(JournalError) {
        self.header = header
        let place = SnapshotFileReader.membershipOffset
        do throws(DecodingError) {
            membership = try unsafe Membership(payload: header.membership.span.bytes)
        } catch {
            guard error == .unknown else {
                throw .snapshotCorrupt(file: name, offset: place, reason: "its membership is none that there can be")
            }
            throw .unsupported(
                file: name, offset: place,
                reason: "a membership of a format that this program does not know: use a later version of it")
        }
        guard membership.clusterID == header.cluster else {
            throw .snapshotCorrupt(file: name, offset: place, reason: "its membership is that of another cluster")
        }
    }

    /// What is wrong with the content, by its place in the file.
    private func placed(_ error: SnapshotError) -> JournalError {
        switch error {
        case .corrupt(let section, let offset, let reason):
            .snapshotCorrupt(
                file: name, offset: file.offset(ofContent: offset), reason: "in its \(section), \(reason)")
        case .unsupported(let section, let offset, let reason):
            .unsupported(file: name, offset: file.offset(ofContent: offset), reason: "in its \(section), \(reason)")
        }
    }
}
