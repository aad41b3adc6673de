package import LeaseholdBase
package import LeaseholdJournal

/// What a walk through a data directory comes to.
package struct JournalSummary: Sendable {
    /// The bytes that recovery would refuse.
    package struct Damage: Hashable, Sendable {
        /// The file, relative to the directory.
        package let file: String
        /// Where in it.
        package let offset: Int
        /// What is wrong there.
        package let reason: String
    }

    /// Whose directory it is; nil when nothing says so.
    package private(set) var owner: DirectoryIdentity?
    /// The cluster, unborn before its birth.
    package private(set) var cluster = ClusterID.unborn
    /// The current term.
    package private(set) var term = Term.zero
    /// The vote in it.
    package private(set) var votedFor: NodeID?
    /// The last index of the log.
    package private(set) var last = LogIndex.zero
    /// The greatest index that the journal knows to be committed.
    package private(set) var commit = LogIndex.zero
    /// How many segments, batches and entries there are; entries that were overwritten later are counted too.
    package private(set) var segments = 0
    /// How many batches.
    package private(set) var batches = 0
    /// How many entries.
    package private(set) var entries = 0
    /// Where in the last segment something stands that is no batch, a torn one that recovery cuts; nil when nothing does.
    package private(set) var torn: (file: String, offset: Int)?
    /// The first of them.
    package private(set) var damage: Damage?

    /// Nothing met yet.
    package init(owner: DirectoryIdentity?) { self.owner = owner }

    /// Takes in the next thing met. Throws what is no property of the bytes: the disk does not let itself be read.
    package mutating func take(_ item: JournalInspector.Item) throws(JournalError) {
        switch item {
        case .segment(_, let header, _):
            segments += 1
            cluster = header.identity.cluster == .unborn ? cluster : header.identity.cluster
            term = max(term, header.term)
            if term == header.term { votedFor = header.votedFor ?? votedFor }
        case .batch(let header, _):
            batches += 1
            cluster = header.identity.cluster == .unborn ? cluster : header.identity.cluster
            last = header.lastIndex
            commit = max(commit, header.commit)
        case .record(.hardState(let term, let votedFor)): (self.term, self.votedFor) = (term, votedFor)
        case .record(.entry): entries += 1
        case .record: break
        case .end(let name, let offset, let isClear): torn = isClear ? nil : (name, offset)
        case .damage(let error):
            if case .disk = error { throw error }
            if damage == nil { damage = Damage(error) }
        }
    }

    /// The form for scripts, without what was met on the way.
    package var members: [(key: String, value: JSON)] {
        let node: JSON? = owner.map { JSON.count($0.node.rawValue) }
        let incarnation: JSON? = owner.map { JSON.string(hexadecimal($0.incarnation.rawValue)) }
        let vote: JSON? = votedFor.map { JSON.count($0.rawValue) }
        let tornPlace: JSON? = torn.map { .object([("file", .string($0.file)), ("offset", .count($0.offset))]) }
        var members: [(key: String, value: JSON)] = []
        members.append(("node", .optional(node)))
        members.append(("incarnation", .optional(incarnation)))
        members.append(("cluster", cluster == .unborn ? .null : .string(cluster.description)))
        members.append(("term", .count(term.rawValue)))
        members.append(("voted_for", .optional(vote)))
        members.append(("last", .count(last.rawValue)))
        members.append(("commit", .count(commit.rawValue)))
        members.append(("segment_count", .count(segments)))
        members.append(("batch_count", .count(batches)))
        members.append(("entry_count", .count(entries)))
        members.append(("torn", .optional(tornPlace)))
        members.append(("first_bad", .optional(damage?.json)))
        return members
    }

    /// The form for people.
    package var table: String {
        var words: [(key: String, value: String)] = []
        words.append(("node", owner?.node.description ?? ""))
        words.append(("incarnation", owner.map { hexadecimal($0.incarnation.rawValue) } ?? ""))
        words.append(("cluster", cluster == .unborn ? "" : cluster.description))
        words.append(("term", term.description))
        words.append(("voted for", votedFor?.description ?? ""))
        words.append(("last", last.description))
        words.append(("commit", commit.description))
        words.append(("segments", String(segments)))
        words.append(("batches", String(batches)))
        words.append(("entries", String(entries)))
        if let torn { words.append(("torn", "\(torn.file) at offset \(torn.offset); the next start cuts it")) }
        words.append(("first bad", damage.map { "\($0.file) at offset \($0.offset): \($0.reason)" } ?? "none"))
        return describe(words)
    }
}

extension JournalSummary.Damage {
    init(_ error: JournalError) {
        switch error {
        case .corrupt(let file, let offset, let reason), .snapshotCorrupt(let file, let offset, let reason),
            .unsupported(let file, let offset, let reason):
            self.init(file: file, offset: offset, reason: reason)
        case .wrongIdentity(let file, _, _), .disk(_, _, let file):
            self.init(file: file, offset: 0, reason: error.description)
        case .restoreUnfinished: self.init(file: "restoring", offset: 0, reason: error.description)
        case .notMade, .alreadyMade, .refused, .newerCommand: self.init(file: "", offset: 0, reason: error.description)
        }
    }

    var json: JSON {
        .object([("file", .string(file)), ("offset", .count(offset)), ("reason", .string(reason))])
    }
}
