internal import CLeaseholdSystem
internal import LeaseholdBase

/// What is asked of a descriptor, and what was seen on it.
struct Readiness: OptionSet, Hashable, Sendable {
    let rawValue: UInt32
    static var readable: Readiness { Readiness(rawValue: UInt32(leasehold_event_readable)) }
    static var writable: Readiness { Readiness(rawValue: UInt32(leasehold_event_writable)) }
    /// Closed or failed in both directions; told whether asked for or not.
    static var broken: Readiness { Readiness(rawValue: UInt32(leasehold_event_broken)) }
}

/// Waits for descriptors to become ready (epoll, level-triggered).
///
/// Each descriptor carries a number of its owner's choice. An owner puts a generation into it, so that an event for a
/// descriptor that was closed and given out again earlier in the same turn can be told from a fresh one.
@safe struct Poller: ~Copyable {
    private let descriptor: FileDescriptor
    private let events: UnsafeMutablePointer<leasehold_event>
    private static var eventsMax: Int { 256 }

    init() throws(SystemError) {
        descriptor = FileDescriptor(owning: try perform(.epoll) { leasehold_poller_create() })
        unsafe events = .allocate(capacity: Self.eventsMax)
    }

    deinit { unsafe events.deallocate() }

    func add(_ number: Int32, _ interest: Readiness, data: UInt64) throws(SystemError) {
        _ = try perform(.epoll) { leasehold_poller_add(descriptor.number, number, interest.rawValue, data) }
    }

    func change(_ number: Int32, _ interest: Readiness, data: UInt64) throws(SystemError) {
        _ = try perform(.epoll) { leasehold_poller_change(descriptor.number, number, interest.rawValue, data) }
    }

    func remove(_ number: Int32) { _ = leasehold_poller_remove(descriptor.number, number) }

    /// Waits until something is ready or the time has passed; nil waits for ever. Returns how many events there are.
    func wait(atMost timeout: Nanoseconds?) throws(SystemError) -> Int {
        let limit = timeout.map { max($0.rawValue, 0) } ?? -1
        let result = unsafe leasehold_poller_wait(descriptor.number, events, Int32(Self.eventsMax), limit)
        if result >= 0 { return Int(result) }
        let code = ErrorCode(rawValue: -result)
        // A signal ends the wait early, which callers are used to.
        if code == .interrupted { return 0 }
        throw SystemError(call: .epoll, code: code)
    }

    /// The event of that number among those of the last wait.
    func event(_ index: Int) -> (data: UInt64, seen: Readiness) {
        precondition(index >= 0 && index < Self.eventsMax, "there is no such event")
        let event = unsafe events[index]
        return (event.data, Readiness(rawValue: event.events))
    }
}
