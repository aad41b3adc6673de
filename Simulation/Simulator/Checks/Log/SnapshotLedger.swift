import LeaseholdBase
import LeaseholdJournal

/// Every snapshot that ever counted on any node: those at an index are the same bytes (property 6), whether a node took
/// one itself or was sent it, and whatever it began from.
struct SnapshotLedger {
    /// By last index; never iterated.
    private var first: [UInt64: (id: SnapshotID, by: String)] = [:]
    /// What each node was last seen with, by its label; never iterated.
    private var lastSeen: [String: SnapshotID] = [:]
    /// How many were compared with another node's.
    private(set) var compared = 0
    /// How many there were, of different indices.
    var count: Int { first.count }

    init() {}

    /// A client has saved a snapshot from some node, on which it counts, has counted, or is about to.
    mutating func saved(_ id: SnapshotID, _ label: String, _ findings: inout Findings) {
        guard let other = first[id.lastIndex.rawValue] else { return first[id.lastIndex.rawValue] = (id, label) }
        guard other.id != id else { return }
        findings.add(6, by: label, "saved a snapshot \(id)", "\(other.by) has one \(other.id)")
    }

    /// A snapshot counts on a node.
    mutating func counts(_ snapshot: InstalledSnapshot, _ label: String, _ findings: inout Findings) {
        let index = snapshot.id.lastIndex
        guard lastSeen[label] != snapshot.id else { return }
        lastSeen[label] = snapshot.id
        guard let other = first[index.rawValue] else { return first[index.rawValue] = (snapshot.id, label) }
        guard other.by != label else { return }
        compared += 1
        guard other.id != snapshot.id else { return }
        findings.add(6, by: label, "has a snapshot \(snapshot.id)", "\(other.by) has one \(other.id)")
    }
}
