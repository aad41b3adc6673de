internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// A snapshot that comes from a leader, as far as it is loaded: beside the state that goes on, which it replaces only when
/// all of it is there, durable and found sound.
struct IncomingSnapshot: Sendable {
    /// Why its bytes are not those of a state, told for people.
    struct Flaw: Error {
        var code: String
        var description: String

        /// Whether it was written by a later program: nothing is wrong with it.
        var isOfLaterProgram: Bool { code == "not_supported" }
    }

    let id: SnapshotID
    /// Who has sent of it last. It may lead no more when all is there.
    var sender: NodeID
    /// How many bytes of the file were taken.
    private(set) var taken = 0
    /// What it is of, once its head has come.
    private(set) var header: SnapshotHeader?
    private var reader = SnapshotFileReader(name: "a snapshot that is received")
    private var loader: SnapshotLoader

    init(_ id: SnapshotID, from sender: NodeID, hashSeed: UInt64, knownLevel: UInt64) {
        self.id = id
        self.sender = sender
        loader = SnapshotLoader(hashSeed: hashSeed, knownLevel: knownLevel)
    }

    /// Loads the next bytes of the file.
    mutating func take(_ bytes: RawSpan) throws(Flaw) {
        taken += bytes.byteCount
        reader.feed(bytes)
        do {
            while let item = try reader.next() {
                switch item {
                case .header(let found): header = found
                case .content: try loader.load(reader.content)
                case .end: break
                }
            }
        } catch let error as JournalError {
            throw Flaw(code: error.code, description: error.description)
        } catch let error as SnapshotError {
            throw Flaw(code: error.code, description: error.description)
        } catch {
            throw Flaw(code: "internal", description: "\(error)")
        }
    }

    /// The state, and what it stands for; checked against one another.
    consuming func finish() throws(Flaw) -> (machine: LeaseMachine, header: SnapshotHeader, point: SnapshotPoint) {
        guard let header, let point = SnapshotPoint(header) else {
            throw Flaw(code: "snapshot_corrupt", description: "its head tells of no membership")
        }
        let position = loader.position
        guard position?.index == header.lastIndex, position?.logTime == header.logTime else {
            throw Flaw(code: "snapshot_corrupt", description: "its state is of another entry than its head says")
        }
        do throws(SnapshotError) { return (try loader.finish(), header, point) } catch {
            throw Flaw(code: error.code, description: error.description)
        }
    }
}

extension SnapshotPoint {
    /// What a snapshot's head says to consensus; nil when its membership cannot be read.
    init?(_ header: SnapshotHeader) {
        guard let membership = unsafe try? Membership(payload: header.membership.span.bytes) else { return nil }
        var term = header.lastTerm
        #if PLANTED_BUGS
        if planted(.snapshotWrongTerm) { term = Term(max(1, term.rawValue - 1)) }
        #endif
        self.init(
            position: LogPosition(index: header.lastIndex, term: term), logTime: header.logTime,
            membershipIndex: header.membershipIndex, membership: membership)
    }
}

/// A state that was received whole, for as long as consensus has not said whether it counts.
struct ArrivedSnapshot: Sendable {
    var machine: LeaseMachine
    var header: SnapshotHeader
}
