import LeaseholdBase
import LeaseholdJournal
import Raft

/// A journal on a simulated disk in a scripted life, with a model of what it was asked to store.
struct ScriptedJournal {
    static let node = NodeID(3)
    static let cluster = ClusterID(high: 5, low: 6)

    var disk: SimulatedDisk
    var journal: Journal
    /// What the log is after each request of this life; the first item is before any.
    private(set) var states: [LogImage]
    private(set) var effects: [DiskEffect] = []
    private(set) var violations: [String] = []
    private let delaysOthers: Bool
    private var now = SteadyTime(0)

    /// Opens a directory as a node does: makes it first when it is empty.
    /// - Parameter mayMake: Whether it may be empty.
    static func open(
        _ disk: inout SimulatedDisk, _ configuration: JournalConfiguration, mayMake: Bool, seed: UInt64 = 9
    ) throws(JournalError) -> (Journal, LogImage) {
        if mayMake, try JournalDirectory.identity(on: &disk) == nil {
            try JournalDirectory.make(
                on: &disk, identity: DirectoryIdentity(node: node, incarnation: Incarnation(0xABCD)),
                configuration: configuration, seed: seed)
        }
        var found = LogImage()
        let journal = try Journal.recover(
            from: &disk, node: node, configuration: configuration, seed: seed, visitor: &found)
        return (journal, found)
    }

    init(
        on disk: SimulatedDisk, _ configuration: JournalConfiguration, mayMake: Bool = true, delaysOthers: Bool = false
    ) throws(JournalError) {
        var disk = disk
        let (journal, found) = try Self.open(&disk, configuration, mayMake: mayMake)
        self.disk = disk
        self.journal = journal
        self.delaysOthers = delaysOthers
        states = [found]
    }

    /// The states that a crash now may leave: what is durable, and that with the batch in flight.
    var allowed: [LogImage] {
        let flushed = states[Int(journal.flushed.rawValue)]
        let submitted = states[Int(journal.submitted.rawValue)]
        return flushed == submitted ? [flushed] : [flushed, submitted]
    }

    mutating func append(_ request: CrashRequest) {
        var state = states[states.count - 1]
        if state.entries.isEmpty, request.entries.count > 0 { journal.learn(cluster: Self.cluster) }
        journal.append(
            number: journal.accepted.next, issuedIn: request.hardState?.term ?? state.term,
            hardState: request.hardState, truncateAfter: request.truncateAfter, commit: .zero)
        if let hardState = request.hardState {
            state.recovered(term: hardState.term, votedFor: hardState.votedFor)
        }
        if let after = request.truncateAfter { state.recovered(truncationAfter: after) }
        for entry in request.entries {
            let index = UInt64(state.entries.count) + 1
            let payload = (0..<entry.count).map { UInt8(truncatingIfNeeded: index &* 31 &+ UInt64($0) &* 7 &+ 1) }
            let header = EntryHeader(
                index: LogIndex(index), term: entry.term, logTime: LogTime(index * 10 + entry.term.rawValue),
                wallTime: WallTime(7), kind: .command, payloadCount: payload.count)
            unsafe journal.appendEntry(header, payload: payload.span.bytes)
            unsafe _ = state.recovered(header, payload: payload.span.bytes)
        }
        states.append(state)
    }

    mutating func submit() { journal.submit(now: now, into: &effects) }

    mutating func wait() {
        now = max(now + .milliseconds(10), min(journal.deadline, now + .seconds(60)))
        journal.tick(now: now, into: &effects)
    }

    mutating func stop() { journal.stop(now: now, into: &effects) }

    /// Performs one effect, and answers which; nothing when there is none.
    mutating func performOne() -> DiskEffect? {
        guard !effects.isEmpty else { return nil }
        let effect = effects.remove(at: delaysOthers ? firstOfCurrent : 0)
        let (completion, _) = disk.perform(effect, batch: journal.batchBytes)
        if case .poisoned(let failure) = journal.completed(completion, now: now, into: &effects) {
            violations.append("the journal is poisoned: \(failure)")
        }
        violations += journal.violations()
        return effect
    }

    /// The place of the first effect that the current segment is waiting for; what is on other files may be overtaken,
    /// what is on the same file not.
    private var firstOfCurrent: Int {
        effects.firstIndex { effect in
            switch effect.operation {
            case .write(let file, _, _), .sync(let file): !isSpare(file)
            default: false
            }
        } ?? 0
    }

    private func isSpare(_ file: FileID) -> Bool {
        effects.contains {
            switch $0.operation {
            case .create(file, _), .fill(file, _, _), .rename(file, _, _), .open(file, _): true
            default: false
            }
        }
    }
}
