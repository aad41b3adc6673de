import LeaseholdBase
import LeaseholdClientCore
import LeaseholdJournal
import LeaseholdReplica
import Raft

/// Every queue, table and buffer stays under the limit that it declares, and holds nothing once all is quiet
/// (property 24).
enum Bounds {
    /// How full something is.
    struct Gauge: Hashable {
        var name: String
        var value: Int
        var limit: Int
    }

    /// One gauge is within its limit, or the property is violated.
    static func judge(_ gauge: Gauge, of label: String, _ findings: inout Findings) {
        guard gauge.value > gauge.limit else { return }
        findings.add(24, by: label, "has \(gauge.value) \(gauge.name)", "\(gauge.limit) are allowed")
    }

    /// Everything of a node that has a limit.
    static func gauges(of replica: borrowing Replica) -> [Gauge] {
        let raft = replica.raft.configuration
        let frame = 1 << 20
        return [
            Gauge(name: "commands pending", value: replica.answersPending, limit: ReplicaLimits.commandsPending),
            Gauge(name: "reads pending", value: replica.readsWaiting, limit: ReplicaLimits.readsPending),
            Gauge(name: "pieces for clients", value: replica.piecesWaiting, limit: Replica.piecesWaitingMax),
            Gauge(name: "clients", value: replica.clientSessions, limit: ReplicaLimits.clientConnections),
            Gauge(name: "directories remembered", value: replica.directoriesRemembered, limit: Membership.memberLimit),
            Gauge(name: "links", value: replica.linksKept, limit: Membership.memberLimit),
            Gauge(
                name: "bytes of renewals", value: replica.renewalBytes, limit: ReplicaLimits.renewalEntryBytes + frame),
            Gauge(
                name: "bytes of log in memory", value: replica.raft.log.memoryBytes,
                limit: replica.raft.log.memoryLimit + replica.raft.bytesHeld + frame),
            Gauge(
                name: "bytes not committed", value: replica.raft.bytesTakenOn, limit: replica.raft.bytesTakenOnLimit),
            Gauge(name: "messages unanswered", value: replica.raft.longestWindow, limit: raft.windowMessages),
            Gauge(name: "rounds of reads", value: replica.raft.readGroups, limit: Raft.readGroupLimit),
            // New acquires end at the budget, and all else goes on: a journal cannot be cut short yet.
            Gauge(
                name: "bytes of journal", value: replica.journal.usedBytes,
                limit: replica.journal.configuration.budgetBytes * 8),
        ]
    }

    /// Everything of a client that has a limit.
    static func gauges(of core: borrowing ClientCore) -> [Gauge] {
        [
            Gauge(name: "requests under way", value: core.slotsTaken, limit: ClientLimits.requests),
            Gauge(name: "slots", value: core.slotsKept, limit: ClientLimits.requests),
            Gauge(name: "leases kept", value: core.leasesKept, limit: ClientLimits.leases),
            Gauge(name: "endpoints", value: core.endpointsKnown, limit: ClientLimits.endpoints),
            Gauge(name: "tries open", value: core.mostOpenAttempts, limit: ClientLimits.openAttempts),
            Gauge(name: "bytes made ready", value: core.outgoing.count, limit: ClientLimits.outgoingBytes + (2 << 20)),
        ]
    }

    /// What a node still has under way though nobody asks for anything.
    static func inFlight(in replica: borrowing Replica) -> [String] {
        var found: [String] = []
        if replica.answersPending > 0 { found.append("\(replica.answersPending) commands pending") }
        if replica.readsWaiting > 0 { found.append("\(replica.readsWaiting) reads pending") }
        if replica.piecesWaiting > 0 { found.append("\(replica.piecesWaiting) pieces of a snapshot") }
        if let part = replica.journal.receivingSnapshot { found.append("a part of the snapshot \(part)") }
        if replica.renewalBytes > 0 { found.append("\(replica.renewalBytes) bytes of renewals") }
        if replica.raft.persistsInFlight > 0 { found.append("\(replica.raft.persistsInFlight) requests to the disk") }
        if replica.raft.durableIndex != replica.raft.lastIndex {
            found.append("entries \(replica.raft.durableIndex.next) to \(replica.raft.lastIndex) not durable")
        }
        if replica.raft.readGroups > 0 { found.append("\(replica.raft.readGroups) rounds of reads") }
        if replica.raft.isTransferring { found.append("a hand-over") }
        return found
    }

    /// What a client still has under way though nobody asks for anything.
    static func inFlight(in core: borrowing ClientCore) -> [String] {
        var found: [String] = []
        if core.slotsTaken > 0 { found.append("\(core.slotsTaken) requests under way") }
        if core.leasesKept > 0 { found.append("\(core.leasesKept) leases kept") }
        return found
    }
}
