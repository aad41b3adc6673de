internal import LeaseholdBase

/// The connections of one loop, in one piece of memory that never moves.
///
/// The memory for all of them is reserved at the start and touched only as far as places were ever in use.
@safe struct ConnectionTable: ~Copyable {
    private let places: UnsafeMutablePointer<Connection>
    /// Places ever used; those behind are raw memory.
    private(set) var touched = 0
    private var free: [Int] = []
    let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0, "a table without places is a mistake")
        self.capacity = capacity
        unsafe places = .allocate(capacity: capacity)
    }

    deinit {
        unsafe places.deinitialize(count: touched)
        unsafe places.deallocate()
    }

    /// Connections in use.
    var count: Int { touched - free.count }
    var isFull: Bool { free.isEmpty && touched == capacity }

    subscript(_ slot: Int) -> Connection {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(places + slot) }
        @inline(__always) unsafeMutableAddress { unsafe places + slot }
    }

    /// The place that the id names, unless it has been given to somebody else since.
    @inline(__always)
    func slot(of id: ConnectionID) -> Int? {
        let slot = id.slot
        guard slot < touched, self[slot].generation == id.generation, self[slot].phase != .free else { return nil }
        return slot
    }

    func id(at slot: Int) -> ConnectionID { ConnectionID(slot: slot, generation: self[slot].generation) }

    /// Takes a free place; there is one.
    mutating func take() -> Int {
        if let slot = free.popLast() { return slot }
        precondition(touched < capacity, "the table is full")
        unsafe (places + touched).initialize(to: Connection())
        touched += 1
        return touched - 1
    }

    /// Gives a place back.
    mutating func give(_ slot: Int) {
        self[slot].reset()
        free.append(slot)
    }
}
