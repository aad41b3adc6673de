import LeaseholdBase
import LeaseholdJournal

/// Where a node's turn stands: what the server's loop keeps between two effects.
struct NodeDriver {
    /// What was written on one connection in one turn: one packet, as the real loop writes it.
    struct Packet {
        var connection: ConnectionID
        var bytes: [UInt8]
    }

    /// The effect to be carried out next.
    var position = 0
    /// Before which effect the process stands still, if it does.
    var stumbleAt: Int?
    /// The call of the disk that the loop waits for.
    var blockedBy: DiskEffect?
    /// For how long the loop has still to wait for calls that are done: many quick ones are waited for at once.
    var owed: UInt64 = 0
    /// When the batch's sync began, on the node's own clock.
    var syncBegan = SteadyTime.zero
    /// The batch's sync that a thread does.
    var syncOnThread: DiskNumber?
    /// What the disk has done, to be handed in when all effects are carried out.
    var completions: [(completion: DiskCompletion, read: [UInt8]?)] = []
    /// What is queued and not sent.
    var packets: [Packet] = []
    /// On which thread effects are carried out.
    var placement: DiskPlacement
    /// When the threads are done with what they were given: each does one thing at a time.
    var batchBusyUntil: UInt64
    var spareBusyUntil: UInt64

    init(electionTimeout: Nanoseconds = .milliseconds(500), now: UInt64 = 0) {
        placement = DiskPlacement(electionTimeout: electionTimeout)
        (batchBusyUntil, spareBusyUntil) = (now, now)
    }

    mutating func queue(_ bytes: [UInt8], for connection: ConnectionID) {
        if let position = packets.firstIndex(where: { $0.connection == connection }) {
            packets[position].bytes.append(contentsOf: bytes)
        } else {
            packets.append(Packet(connection: connection, bytes: bytes))
        }
    }

    mutating func take(_ connection: ConnectionID) -> [UInt8]? {
        guard let position = packets.firstIndex(where: { $0.connection == connection }) else { return nil }
        return packets.remove(at: position).bytes
    }

    /// How much the loop may owe until it waits, in nanoseconds.
    static let owedAtMost: UInt64 = 200_000
}
