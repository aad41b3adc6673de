internal import LeaseholdBase
internal import LeaseholdJournal

/// Clients that save the snapshot that counts: who has asked of late, and for which pieces they wait. Nothing else is kept
/// for them, so whoever goes away holds nothing.
struct SnapshotDownloads: Sendable {
    /// A piece that somebody waits for.
    struct Wish: Sendable {
        var waiter: Waiter
        var id: SnapshotID
        var offset: Int
        var count: Int
    }

    /// So many may save at the same time.
    static let clientsMax = 2
    /// Who has not asked for so long is not counted any more.
    static let silence: Nanoseconds = .seconds(10)
    /// So many pieces may wait.
    static let wishesMax = 4

    /// Who saves, and when each was heard last.
    private(set) var clients: [(connection: ConnectionID, heardAt: SteadyTime)] = []
    /// Those that are to be read, in order.
    private(set) var wishes: [Wish] = []
    /// The one that is being read.
    private(set) var reading: Wish?
    /// When the next may be read.
    private(set) var nextAt = SteadyTime.zero

    /// How many pieces are waited for.
    var count: Int { wishes.count + (reading == nil ? 0 : 1) }

    /// Whether somebody saves.
    func isActive(now: SteadyTime) -> Bool { clients.contains { now - $0.heardAt < Self.silence } }

    /// Somebody asks. False when as many save already as may.
    mutating func admit(_ connection: ConnectionID, now: SteadyTime) -> Bool {
        clients.removeAll { now - $0.heardAt >= Self.silence || $0.connection == connection }
        guard clients.count < Self.clientsMax else { return false }
        clients.append((connection, now))
        return true
    }

    /// Somebody waits for a piece, in the place of what the same connection has waited for. False when there is no room.
    mutating func add(_ wish: Wish) -> Bool {
        wishes.removeAll { $0.waiter.connection == wish.waiter.connection }
        guard wishes.count < Self.wishesMax else { return false }
        wishes.append(wish)
        return true
    }

    /// Whether a piece may be read, by the throttle and by what is being read.
    func isDue(now: SteadyTime) -> Bool { reading == nil && !wishes.isEmpty && nextAt <= now }

    /// When one may be read; never while nobody waits, or one is being read.
    var due: SteadyTime { reading == nil && !wishes.isEmpty ? nextAt : .never }

    /// The next one is read from now on.
    mutating func beginReading() -> Wish? {
        guard reading == nil, !wishes.isEmpty else { return nil }
        let wish = wishes.removeFirst()
        reading = wish
        return wish
    }

    /// It was read, and takes so long of the throttle's time; or not.
    mutating func endReading(next: SteadyTime? = nil) -> Wish? {
        if let next { nextAt = next }
        return reading.take()
    }

    /// Somebody has all of it, or is gone.
    mutating func forget(_ connection: ConnectionID) {
        clients.removeAll { $0.connection == connection }
        wishes.removeAll { $0.waiter.connection == connection }
    }

    /// Whoever waits waits for nothing any more.
    mutating func takeAll() -> [Wish] {
        defer { wishes.removeAll() }
        return wishes
    }
}
