import Leasehold
import LeaseholdBase
import LeaseholdSystem
import Testing

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

    /// Waits, on a thread of its own, until something was told; fails the test when it never is, instead of hanging with it.
    func wait(for condition: @escaping @Sendable ([LeaseClientEvent]) -> Bool) async {
        let wasTold = await onOwnThread {
            let limit = SystemClocks.steady + .seconds(120)
            while !self.seen.withLock({ seen in condition(seen) }) {
                guard SystemClocks.steady < limit else { return false }
                SystemClocks.sleep(.milliseconds(2))
            }
            return true
        }
        #expect(wasTold, "what the test waits for was not told within two minutes")
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
