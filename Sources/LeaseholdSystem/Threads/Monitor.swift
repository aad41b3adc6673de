internal import CLeaseholdSystem

/// A value behind a lock, with a condition to wait for changes of it.
///
/// Built on the system's own lock because the thread sanitiser understands that one.
@safe public final class Monitor<Value: Sendable>: @unchecked Sendable {
    private let raw: OpaquePointer
    private var value: Value

    /// Puts a value behind a lock.
    public init(_ value: Value) {
        unsafe raw = leasehold_monitor_create()
        self.value = value
    }

    deinit { unsafe leasehold_monitor_destroy(raw) }

    /// Works on the value, alone.
    public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe leasehold_monitor_lock(raw)
        defer { unsafe leasehold_monitor_unlock(raw) }
        return body(&value)
    }

    /// As ``withLock(_:)``, and wakes those who wait for a change.
    public func change<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe leasehold_monitor_lock(raw)
        defer {
            unsafe leasehold_monitor_signal(raw)
            unsafe leasehold_monitor_unlock(raw)
        }
        return body(&value)
    }

    /// Waits until the body finds what it looks for in the value.
    public func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        unsafe leasehold_monitor_lock(raw)
        defer { unsafe leasehold_monitor_unlock(raw) }
        while true {
            if let result = body(&value) { return result }
            unsafe leasehold_monitor_wait(raw)
        }
    }
}
