/// A heap of things to happen, by time and then by order of entry.
struct EventQueue<Element> {
    private struct Item {
        let time: UInt64
        let order: UInt64
        let element: Element
        func isBefore(_ other: Item) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var items: [Item] = []
    private var order: UInt64 = 0

    var nextTime: UInt64? { items.first?.time }

    mutating func add(_ element: Element, at time: UInt64) {
        order += 1
        items.append(Item(time: time, order: order, element: element))
        var child = items.count - 1
        while child > 0, items[child].isBefore(items[(child - 1) / 2]) {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> Element? {
        guard let top = items.first else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return top.element }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count {
                if items[child].isBefore(items[least]) { least = child }
            }
            if least == parent { return top.element }
            items.swapAt(least, parent)
            parent = least
        }
    }
}
