internal import CLeaseholdSystem
public import LeaseholdBase

/// Connections, listeners and wake-ups of one thread, in turns.
///
/// A turn of its owner is: ``wait(until:into:)``, which reads each ready connection once; a reading of the clock; a look
/// at each event, with ``input(of:)`` handed to whatever understands the bytes and ``consume(_:of:)`` after it;
/// ``send(_:to:)`` as often as there is something to say; ``flush()``, which writes each connection once.
///
/// ```swift
/// var loop = try ConnectionLoop(connectionsMax: 10_000)
/// let door = try Listener(at: endpoint)
/// try loop.listen(door, tag: 0)
/// var events: [LoopEvent] = []
/// while true {
///     try loop.wait(until: deadline, into: &events)
///     for event in events {
///         if case .received(let id) = event {
///             let bytes = loop.input(of: id)
///             …
///         }
///     }
///     loop.flush()
/// }
/// ```
/// Nothing is allocated once as many connections and bytes have been seen as there ever are at a time.
public struct ConnectionLoop: ~Copyable {
    var poller: Poller
    var table: ConnectionTable
    var listeners: [ListeningSocket] = []
    /// Connections with something to be written this turn.
    var dirty: [Int] = []
    /// Events that arose outside of a wait.
    var deferred: [LoopEvent] = []
    /// Dials that must come about and closings that must end by some time.
    var deadlines: [(id: ConnectionID, by: SteadyTime)] = []
    var deadlineNext = SteadyTime.never
    var resolver: Resolver?
    /// Opened to be given up when descriptors run out, so that a connection can be taken in and turned away.
    var spare: Int32

    /// Connections turned away because the loop, or their listener, had as many as it may.
    public private(set) var turnedAway = 0
    /// Why the last look-up of a name failed.
    public internal(set) var lastResolutionError: ResolutionError?
    /// How long a dialled connection may take to come about.
    public var dialTimeout = ConnectionTimes.dial
    /// How long the other side may take to close after we did.
    public var lingerTimeout = ConnectionTimes.linger

    struct ListeningSocket {
        let descriptor: Int32
        let tag: Int
        let limits: ConnectionLimits
        let connectionsMax: Int
        var connections = 0
    }

    /// What the poller's number says when it is not a connection's id.
    enum Source {
        static var resolver: UInt64 { 1 << 31 }
        static var watched: UInt64 { 1 << 30 }
        static var tagMax: Int { 1 << 24 }
    }

    /// A loop for at most so many connections.
    public init(connectionsMax: Int) throws(SystemError) {
        poller = try Poller()
        table = ConnectionTable(capacity: connectionsMax)
        spare = Self.openSpare()
    }

    deinit {
        for slot in 0..<table.touched where table[slot].descriptor >= 0 {
            _ = leasehold_close(table[slot].descriptor)
        }
        for listener in listeners { _ = leasehold_close(listener.descriptor) }
        if spare >= 0 { _ = leasehold_close(spare) }
    }

    /// Connections that exist, those still being dialled or closed included.
    public var count: Int { table.count }

    /// Takes connections in at the listener from now on, at most so many at a time.
    public mutating func listen(
        _ listener: consuming Listener, tag: Int, limits: ConnectionLimits = ConnectionLimits(),
        connectionsMax: Int = .max
    ) throws(SystemError) {
        let number = listener.release()
        listeners.append(
            ListeningSocket(descriptor: number, tag: tag, limits: limits, connectionsMax: connectionsMax))
        try poller.add(number, .readable, data: UInt64(listeners.count - 1))
    }

    /// Takes no more connections in; those that exist go on.
    public mutating func stopListening() {
        for listener in listeners {
            poller.remove(listener.descriptor)
            _ = leasehold_close(listener.descriptor)
        }
        // Connections remember where they came in, so the places stay; their descriptors do not.
        listeners = listeners.map { old in
            ListeningSocket(
                descriptor: -1, tag: old.tag, limits: old.limits, connectionsMax: old.connectionsMax,
                connections: old.connections)
        }
    }

    /// Tells `ready(tag:)` whenever the wake-up was signalled. The owner clears it, and keeps it alive.
    public mutating func watch(_ wakeUp: WakeUp, tag: Int) throws(SystemError) {
        precondition(tag >= 0 && tag < Source.tagMax, "tags are small numbers")
        try poller.add(wakeUp.number, .readable, data: Source.watched | UInt64(tag))
    }

    /// Tells `ready(tag:)` whenever a signal came. The owner takes it from the queue, and keeps that alive.
    public mutating func watch(_ signals: borrowing SignalQueue, tag: Int) throws(SystemError) {
        precondition(tag >= 0 && tag < Source.tagMax, "tags are small numbers")
        try poller.add(signals.descriptor.number, .readable, data: Source.watched | UInt64(tag))
    }

    /// Waits until something happens or the time has come, and replaces the events by what was seen.
    ///
    /// What is queued is flushed first. Each connection that has something to be read is read once.
    public mutating func wait(until deadline: SteadyTime, into events: inout [LoopEvent]) throws(SystemError) {
        flush()
        events.removeAll(keepingCapacity: true)
        let count = try poller.wait(atMost: timeout(until: deadline))
        // What arose before this wait is told first: a connection's end comes before news of its successor.
        swap(&events, &deferred)
        for index in 0..<count {
            let (data, seen) = poller.event(index)
            let id = ConnectionID(data)
            if id.generation != 0 {
                if let slot = table.slot(of: id) { advance(slot, seen, &events) }
            } else if data == Source.resolver {
                takeAddresses(&events)
            } else if data & Source.watched != 0 {
                events.append(.ready(tag: Int(data & ~Source.watched)))
            } else {
                accept(at: Int(data), &events)
            }
        }
        if deadlineNext != .never { expire(&events) }
    }

    private func timeout(until deadline: SteadyTime) -> Nanoseconds? {
        if !deferred.isEmpty { return .zero }
        let next = min(deadline, deadlineNext)
        if next == .never { return nil }
        if next == .zero { return .zero }
        return max(next - SystemClocks.steady, .zero)
    }

    /// What became possible on a connection.
    private mutating func advance(_ slot: Int, _ seen: Readiness, _ events: inout [LoopEvent]) {
        switch table[slot].phase {
        case .free, .resolving: break
        case .connecting: finishConnecting(slot, &events)
        case .open:
            if seen.contains(.writable) { unblock(slot) }
            if seen.contains(.readable) {
                receive(slot, &events)
            } else if seen.contains(.broken) {
                // Nothing can be read or sent any more. Also seen when reading was held back, and never asked for.
                end(slot, .ended, &events)
            }
        case .closing:
            if seen.contains(.broken) { give(slot) } else if seen.contains(.writable) { unblock(slot) }
        case .draining: drain(slot)
        }
    }

    // MARK: Taking connections in

    private static var acceptsPerTurn: Int { 64 }

    private static func openSpare() -> Int32 { unsafe leasehold_open("/dev/null", 0, 0) }

    private mutating func accept(at index: Int, _ events: inout [LoopEvent]) {
        for _ in 0..<Self.acceptsPerTurn {
            let number = acceptOne(listeners[index].descriptor)
            guard number >= 0 else { return }
            guard !table.isFull, listeners[index].connections < listeners[index].connectionsMax else {
                turnedAway += 1
                _ = leasehold_close(number)
                continue
            }
            let slot = table.take()
            table[slot].begin(.open, descriptor: number, listener: index, limits: listeners[index].limits)
            listeners[index].connections += 1
            let id = table.id(at: slot)
            guard watch(slot) == nil else {
                give(slot)
                continue
            }
            events.append(.accepted(id, listener: listeners[index].tag))
        }
    }

    /// The next connection that waits, or a negative number. When descriptors have run out, connections are turned
    /// away with the help of the spare one: left waiting, they would wake the loop again at once, for ever.
    private mutating func acceptOne(_ listener: Int32) -> Int32 {
        while true {
            let number = leasehold_accept(listener)
            if number >= 0 { return number }
            let code = ErrorCode(rawValue: -number)
            if code == .again || code == .invalid { return -1 }
            guard code.isOutOfDescriptors else { continue }
            guard spare >= 0 else { return -1 }
            _ = leasehold_close(spare)
            let extra = leasehold_accept(listener)
            if extra >= 0 {
                turnedAway += 1
                _ = leasehold_close(extra)
            }
            spare = Self.openSpare()
            if extra < 0 { return -1 }
        }
    }

    // MARK: Places

    /// Has the poller watch a connection for what it waits for.
    mutating func watch(_ slot: Int) -> SystemError? {
        let interest = table[slot].wantedInterest
        do throws(SystemError) {
            try poller.add(table[slot].descriptor, interest, data: table.id(at: slot).rawValue)
            table[slot].interest = interest
            return nil
        } catch { return error }
    }

    /// Tells the poller, if a connection waits for something else than before.
    @inline(__always)
    mutating func updateInterest(_ slot: Int) {
        let interest = table[slot].wantedInterest
        if interest != table[slot].interest { changeInterest(slot, interest) }
    }

    private mutating func changeInterest(_ slot: Int, _ interest: Readiness) {
        do throws(SystemError) {
            try poller.change(table[slot].descriptor, interest, data: table.id(at: slot).rawValue)
            table[slot].interest = interest
        } catch { endLater(slot, .failed(error)) }
    }

    /// Closes a connection's descriptor, and frees its place. The kernel forgets to watch what is closed.
    mutating func give(_ slot: Int) {
        let listener = table[slot].listener
        if listener >= 0 { listeners[listener].connections -= 1 }
        if table[slot].descriptor >= 0 { _ = leasehold_close(table[slot].descriptor) }
        table.give(slot)
    }

    /// Frees a connection that ended by itself, and says so.
    mutating func end(_ slot: Int, _ reason: CloseReason, _ events: inout [LoopEvent]) {
        let id = table.id(at: slot)
        let isOurs = table[slot].phase == .closing || table[slot].phase == .draining
        give(slot)
        if !isOurs { events.append(.closed(id, reason)) }
    }

    /// As ``end(_:_:_:)``, outside of a wait: it is told by the next one.
    mutating func endLater(_ slot: Int, _ reason: CloseReason) {
        var events: [LoopEvent] = []
        swap(&events, &deferred)
        end(slot, reason, &events)
        swap(&events, &deferred)
    }
}
