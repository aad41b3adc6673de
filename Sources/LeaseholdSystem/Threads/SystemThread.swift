internal import CLeaseholdSystem

/// A thread of the system's, for work that waits: a loop, a sync.
public final class SystemThread: Sendable {
    private let handle: Monitor<UInt64?>

    /// Starts a thread. The name (at most 15 bytes) shows up in the system's tools. Signals do not go to it.
    public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let box = unsafe Unmanaged.passRetained(Body(run: body))
        var started: UInt64 = 0
        do {
            _ = try perform(.thread) {
                unsafe leasehold_thread_start(
                    name,
                    { context in
                        guard let context = unsafe context else { return }
                        unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                    }, box.toOpaque(), &started)
            }
        } catch {
            unsafe box.release()
            throw error
        }
        handle = Monitor(started)
    }

    deinit {
        if let handle = take() { leasehold_thread_detach(handle) }
    }

    /// Waits for its end. Only the first call waits; a thread is joined once. One that nobody joins goes on by itself.
    public func join() {
        if let handle = take() { _ = leasehold_thread_join(handle) }
    }

    private func take() -> UInt64? {
        handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
