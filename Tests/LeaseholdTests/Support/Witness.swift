import Leasehold
import LeaseholdSystem

/// Keeps what a client tells of its leases.
final class Witness: LeaseObserver {
    private let seen = Monitor<[LeaseClientEvent]>([])

    func observe(_ event: LeaseClientEvent) { seen.change { seen in seen.append(event) } }

    /// All that was told so far.
    var events: [LeaseClientEvent] { seen.withLock { seen in seen } }

    /// What was told of losses so far.
    var losses: [LeaseLost] {
        events.compactMap { event in
            if case .lost(let loss) = event { return loss }
            return nil
        }
    }

    /// Waits, on a thread of its own, until something was told.
    func wait(for condition: @escaping @Sendable ([LeaseClientEvent]) -> Bool) async {
        await onOwnThread { self.seen.wait { seen -> Bool? in condition(seen) ? true : nil } }
    }
}

/// Runs what blocks on a thread of its own, so that the tasks of the test go on.
@discardableResult
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        do {
            _ = try SystemThread(name: "test-blocking") { continuation.resume(returning: body()) }
        } catch { continuation.resume(returning: body()) }
    }
}

/// Something that happens once, and what waits for it.
final class Gate: Sendable {
    private let isOpen = Monitor(false)

    /// Lets those who wait go on.
    func open() { isOpen.change { isOpen in isOpen = true } }

    /// Blocks the thread until the gate is open.
    func block() { _ = isOpen.wait { isOpen -> Bool? in isOpen ? true : nil } }

    /// Waits until the gate is open.
    func wait() async { await onOwnThread { self.block() } }

    /// Whether it was opened.
    var wasOpened: Bool { isOpen.withLock { isOpen in isOpen } }
}
