import LeaseholdBase

/// What is to happen, by true time and then by order of asking.
struct EventQueue<Event> {
    private var heap = SlotHeap()
    private var events: [Event?] = []
    private var free: [UInt32] = []
    private var asked: UInt64 = 0

    /// Whether nothing will happen.
    var isEmpty: Bool { heap.count == 0 }
    /// When something happens next.
    var nextTime: UInt64? { heap.first?.key }

    /// Something is to happen.
    mutating func schedule(_ event: Event, at time: UInt64) {
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
            events[Int(slot)] = event
        } else {
            slot = UInt32(events.count)
            events.append(event)
        }
        asked += 1
        heap.insert(slot, key: time, tie: asked)
    }

    /// Takes out what happens next.
    mutating func next() -> (time: UInt64, event: Event)? {
        guard let first = heap.first else { return nil }
        heap.remove(first.slot)
        free.append(first.slot)
        guard let event = events[Int(first.slot)] else { return nil }
        events[Int(first.slot)] = nil
        return (first.key, event)
    }
}
