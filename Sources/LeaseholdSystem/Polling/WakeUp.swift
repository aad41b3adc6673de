internal import CLeaseholdSystem

/// Wakes a loop from another thread. Many signals before a turn are one.
public final class WakeUp: Sendable {
    private let descriptor: FileDescriptor

    /// A wake-up that nobody has signalled.
    public init() throws(SystemError) {
        descriptor = FileDescriptor(owning: try perform(.eventfd) { leasehold_wake_up_create() })
    }

    /// Wakes the loop. From any thread; never waits.
    public func signal() { leasehold_wake_up_signal(descriptor.number) }

    /// Takes the signal back, before the loop looks at what it was about.
    public func clear() { leasehold_wake_up_clear(descriptor.number) }

    var number: Int32 { descriptor.number }
}
