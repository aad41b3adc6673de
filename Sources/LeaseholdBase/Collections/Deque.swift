/// A double-ended queue of plain values in one ring of memory.
///
/// The ring grows by doubling and never shrinks, so a queue of a steady size allocates nothing once warm. Elements are
/// bitwise copyable: a slot that was given up needs no clearing.
@frozen public struct Deque<Element: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var slots: [Element] = []
    @usableFromInline var head = 0
    @usableFromInline var used = 0

    /// An empty queue.
    @inlinable public init() {}

    /// How many elements there are.
    @inlinable public var count: Int { used }
    /// Whether there is none.
    @inlinable public var isEmpty: Bool { used == 0 }
    /// The element at the front.
    @inlinable public var first: Element? { used == 0 ? nil : self[0] }
    /// The element at the back.
    @inlinable public var last: Element? { used == 0 ? nil : self[used &- 1] }

    /// The element at a position counted from the front; the position is below `count`.
    @inlinable public subscript(position: Int) -> Element {
        get {
            precondition(position >= 0 && position < used, "a position beyond the queue")
            return slots[(head &+ position) & (slots.count &- 1)]
        }
        set {
            precondition(position >= 0 && position < used, "a position beyond the queue")
            slots[(head &+ position) & (slots.count &- 1)] = newValue
        }
    }

    /// Adds an element at the back.
    /// - Complexity: O(1) amortised.
    @inlinable public mutating func append(_ element: Element) {
        if used == slots.count { grow(with: element) }
        slots[(head &+ used) & (slots.count &- 1)] = element
        used &+= 1
    }

    /// Takes the element at the front, if there is one.
    @inlinable public mutating func popFirst() -> Element? {
        guard used > 0 else { return nil }
        let element = slots[head]
        head = (head &+ 1) & (slots.count &- 1)
        used &-= 1
        return element
    }

    /// Drops so many elements at the front; there are at least as many.
    /// - Complexity: O(1).
    @inlinable public mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= used, "more than the queue holds")
        guard number > 0 else { return }
        head = (head &+ number) & (slots.count &- 1)
        used &-= number
    }

    /// Drops so many elements at the back; there are at least as many.
    /// - Complexity: O(1).
    @inlinable public mutating func removeLast(_ number: Int) {
        precondition(number >= 0 && number <= used, "more than the queue holds")
        used &-= number
    }

    /// Drops all elements and keeps the memory.
    @inlinable public mutating func removeAll() {
        head = 0
        used = 0
    }

    /// Doubles the ring; the filler is any value, for the slots not yet used.
    @usableFromInline mutating func grow(with filler: Element) {
        var larger = [Element](repeating: filler, count: Swift.max(8, slots.count * 2))
        for position in 0..<used { larger[position] = self[position] }
        slots = larger
        head = 0
    }
}
