internal import LeaseholdBase
internal import Raft

/// What a read asks for.
enum ReadQuery: Sendable {
    /// One lease.
    case get(name: [UInt8])
    /// A page of leases.
    case list(prefix: [UInt8], after: [UInt8], limit: Int)
    /// The replicated settings.
    case settings
    /// Who belongs to the cluster.
    case members
}

/// Reads that wait for a quorum's word that this node still leads, in the order of their numbers.
struct PendingReads: Sendable {
    /// One read.
    struct Read: Sendable {
        var number: ReadNumber
        var waiter: Waiter
        var query: ReadQuery
    }

    private var waiting: [Read] = []
    private var answered = 0

    /// How many wait.
    var count: Int { waiting.count - answered }

    /// A read was asked for.
    mutating func add(_ read: Read) { waiting.append(read) }

    /// The next read up to the number, if there is one.
    mutating func next(through number: ReadNumber) -> Read? {
        guard answered < waiting.count, waiting[answered].number <= number else { return nil }
        defer { forget() }
        return waiting[answered]
    }

    /// Any next read.
    mutating func next() -> Read? {
        guard answered < waiting.count else { return nil }
        defer { forget() }
        return waiting[answered]
    }

    private mutating func forget() {
        answered += 1
        if answered == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            answered = 0
        } else if answered >= 4096, answered * 2 >= waiting.count {
            waiting.removeFirst(answered)
            answered = 0
        }
    }
}
