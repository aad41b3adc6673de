import LeaseholdBase
import LeaseholdSystem
import Testing

@Suite struct ByteQueueTests {
    static func bytes(of queue: borrowing ByteQueue) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(bytes: queue.readable)
        return copy
    }

    @discardableResult
    static func append(_ bytes: [UInt8], to queue: inout ByteQueue) -> Bool { queue.append(bytes.span.bytes) }

    @Test func bytesLeaveInTheOrderInWhichTheyCame() {
        var queue = ByteQueue(bound: 1 << 20)
        var random = RandomSource(seed: 7)
        var model: [UInt8] = []
        for _ in 0..<2_000 {
            let added = (0..<random.integer(in: 0...3_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if Self.append(added, to: &queue) { model += added }
            let taken = random.integer(in: 0...min(model.count, 4_000))
            queue.consume(taken)
            model.removeFirst(taken)
            guard Self.bytes(of: queue) == model else {
                Issue.record("the queue and its model differ")
                return
            }
        }
        #expect(queue.count == model.count)
    }

    @Test func theBoundIsKeptAndNothingIsTakenInPart() {
        var queue = ByteQueue(bound: 10)
        #expect(Self.append([1, 2, 3, 4, 5, 6, 7, 8], to: &queue))
        #expect(!Self.append([9, 10, 11], to: &queue))
        #expect(Self.bytes(of: queue) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(Self.append([9, 10], to: &queue))
        #expect(queue.room == 0)
        queue.consume(3)
        #expect(queue.room == 3)
    }

    @Test func memoryStopsGrowingOnceTheLoadHasBeenSeen() {
        var queue = ByteQueue(bound: 1 << 20)
        let frame = [UInt8](repeating: 1, count: 700)
        func load() {
            for _ in 0..<100 {
                for _ in 0..<9 { Self.append(frame, to: &queue) }
                queue.consume(5_000)
                queue.consume(queue.count)
            }
        }
        load()
        let warm = queue.memory
        load()
        #expect(queue.memory == warm)
        #expect(warm <= 16_384)
    }

    @Test func anEmptiedQueueGivesBackMemoryBeyondWhatItMayKeep() {
        var queue = ByteQueue(bound: 1 << 20)
        #expect(queue.memory == 0)
        Self.append([UInt8](repeating: 1, count: 100_000), to: &queue)
        queue.removeAll(keeping: 1 << 20)
        #expect(queue.memory >= 100_000)
        queue.removeAll(keeping: 1 << 10)
        #expect(queue.memory == 0)
        #expect(Self.append([1], to: &queue))
    }
}
