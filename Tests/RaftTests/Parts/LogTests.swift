import LeaseholdBase
import Testing

@testable import Raft

@Suite struct LogTests {
    private func header(_ log: RaftLog, term: UInt64, count: Int) -> EntryHeader {
        EntryHeader(log.lastIndex.rawValue + 1, term: term, count: count)
    }

    /// Against a plain array, through growth, wrapping, truncation and release.
    @Test func itHoldsWhatWasAppendedThroughGrowthWrappingTruncationAndRelease() {
        var released: UInt64 = 0
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = RandomSource(seed: seed)
            var log = RaftLog(memoryLimit: 20_000)
            var model: [(term: UInt64, payload: [UInt8])] = []
            var term: UInt64 = 1
            for step in 0..<600 {
                if random.chance(1, in: 40), log.lastIndex > log.releasedIndex {
                    let kept = log.releasedIndex.rawValue + random.below(log.lastIndex - log.releasedIndex + 1)
                    log.truncate(after: LogIndex(kept))
                    model.removeLast(model.count - Int(kept))
                    term += 1
                } else {
                    let size = Int(random.below(random.chance(1, in: 50) ? 9_000 : 120))
                    let payload = [UInt8](repeating: UInt8(step & 255), count: size)
                    log.append(header(log, term: term, count: size), payload: payload.span.bytes)
                    model.append((term, payload))
                }
                if random.chance(1, in: 10) { log.release(through: LogIndex(UInt64(model.count) / 2)) }
                #expect(log.violations() == [])
                #expect(log.lastIndex.rawValue == UInt64(model.count))
            }
            for (position, entry) in model.enumerated() {
                let index = LogIndex(UInt64(position) + 1)
                #expect(log.term(at: index) == Term(entry.term))
                if index > log.releasedIndex {
                    #expect(log.bytes(at: index) == entry.payload)
                    #expect(log.header(at: index)?.payloadCount == entry.payload.count)
                } else {
                    #expect(log.header(at: index) == nil)
                }
            }
            released += log.releasedIndex.rawValue
        }
        #expect(released > 100)
    }

    /// Against a plain array, through compaction, truncation, release and new beginnings.
    @Test func aCompactedLogKnowsItsStartAndEverythingBehindIt() {
        var compactions = 0
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = RandomSource(seed: seed)
            var log = RaftLog(memoryLimit: 3_000)
            // The terms of the entries behind the start, in order, and the start itself.
            var model: [UInt64] = []
            var start: (index: UInt64, term: UInt64) = (0, 0)
            var term: UInt64 = 1
            for step in 0..<600 {
                let last = start.index + UInt64(model.count)
                switch random.below(40) {
                case 0:
                    let index = start.index + random.below(UInt64(model.count) + 1)
                    if index > start.index {
                        start = (index, model[Int(index - start.index) - 1])
                        model.removeFirst(model.count - Int(last - index))
                        log.compact(through: LogIndex(index))
                        compactions += 1
                    }
                case 1:
                    let kept = max(log.releasedIndex.rawValue, last - random.below(UInt64(model.count) + 1))
                    model.removeLast(Int(last - kept))
                    log.truncate(after: LogIndex(kept))
                    term += random.below(2)
                case 2 where random.chance(1, in: 4):
                    start = (last + random.below(50), term)
                    model = []
                    log.restart(
                        behind: LogPosition(index: LogIndex(start.index), term: Term(start.term)),
                        logTime: LogTime(UInt64(step)))
                    #expect(log.lastLogTime == LogTime(UInt64(step)))
                    if start.index == 0 { start.term = 0 }
                case 3: log.release(through: LogIndex(start.index + UInt64(model.count) / 2))
                case 4: term += 1
                default:
                    let payload = [UInt8](repeating: UInt8(step & 255), count: Int(random.below(60)))
                    log.append(header(log, term: term, count: payload.count), payload: payload.span.bytes)
                    model.append(term)
                }
                #expect(log.violations() == [])
                #expect(log.lastIndex.rawValue == start.index + UInt64(model.count))
                #expect(log.lastTerm.rawValue == model.last ?? start.term)
            }
            #expect(log.start == LogPosition(index: LogIndex(start.index), term: Term(start.term)))
            #expect(log.term(at: LogIndex(start.index)) == Term(start.term))
            if start.index > 0 { #expect(log.term(at: LogIndex(start.index - 1)) == nil) }
            for (position, term) in model.enumerated() {
                let index = LogIndex(start.index + UInt64(position) + 1)
                #expect(log.term(at: index) == Term(term))
                #expect(index <= log.releasedIndex || log.header(at: index)?.term == Term(term))
                // The search for the agreement finds what a walk back finds.
                for bound in [term, term - 1] {
                    let walked = (0...position).last { model[$0] <= bound }.map { start.index + UInt64($0) + 1 }
                    let expected = walked ?? (start.term <= bound ? start.index : 0)
                    #expect(log.greatestIndex(atOrBelow: index, termAtMost: Term(bound)).index == LogIndex(expected))
                }
            }
        }
        #expect(compactions > 100)
    }

    @Test func releaseStopsAtTheIndexAndAtTheLimit() {
        var log = RaftLog(memoryLimit: 1_000)
        let payload = [UInt8](repeating: 7, count: 100)
        for _ in 0..<20 { log.append(header(log, term: 1, count: 100), payload: payload.span.bytes) }
        log.release(through: LogIndex(3))
        #expect(log.releasedIndex == LogIndex(3))
        log.release(through: LogIndex(20))
        #expect(log.memoryBytes <= 1_000)
        #expect(log.releasedIndex < LogIndex(20))
        #expect(log.lastIndex == LogIndex(20))
    }

    @Test func aMessageTakesWhatFitsAndAtLeastOneEntry() {
        var log = RaftLog(memoryLimit: 1 << 20)
        let payload = [UInt8](repeating: 7, count: 100)
        for _ in 0..<5 { log.append(header(log, term: 1, count: 100), payload: payload.span.bytes) }
        let each = 100 + RaftLog.recordBytes
        #expect(log.lastIndex(from: LogIndex(2), fitting: 1, entries: 10).last == LogIndex(2))
        #expect(log.lastIndex(from: LogIndex(2), fitting: 2 * each, entries: 10).last == LogIndex(3))
        #expect(log.lastIndex(from: LogIndex(2), fitting: 1_000_000, entries: 10).last == LogIndex(5))
        #expect(log.lastIndex(from: LogIndex(2), fitting: 1_000_000, entries: 3).last == LogIndex(4))
        #expect(log.bytes(after: LogIndex(3)) == 2 * each)
        #expect(log.bytes(after: LogIndex(5)) == 0)
    }

    @Test func theTermsOfRunsAreThoseOfAPlainArray() {
        var random = RandomSource(seed: 3)
        for _ in 0..<50 {
            var runs = TermRuns()
            var model: [UInt64] = []
            var term: UInt64 = 1
            for _ in 0..<60 {
                if random.chance(1, in: 5) { term += 1 + random.below(3) }
                if random.chance(1, in: 10), !model.isEmpty {
                    model.removeLast(Int(random.below(UInt64(model.count) + 1)))
                    runs.truncate(after: LogIndex(UInt64(model.count)))
                }
                model.append(term)
                runs.append(LogIndex(UInt64(model.count)), Term(term))
            }
            for index in 1...model.count {
                #expect(runs.term(at: LogIndex(UInt64(index))) == Term(model[index - 1]))
                for bound in 0...term {
                    let expected = (1...index).last { model[$0 - 1] <= bound } ?? 0
                    let found = runs.greatestIndex(atOrBelow: LogIndex(UInt64(index)), termAtMost: Term(bound))
                    #expect(found == LogIndex(UInt64(expected)))
                }
            }
        }
    }
}

@Suite struct DequeTests {
    @Test func itIsAQueueAtBothEnds() {
        var random = RandomSource(seed: 4)
        var deque = Deque<Int>()
        var model: [Int] = []
        for step in 0..<3_000 {
            switch random.below(5) {
            case 0, 1, 2:
                deque.append(step)
                model.append(step)
            case 3:
                #expect(deque.popFirst() == model.first)
                if !model.isEmpty { model.removeFirst() }
            default:
                let count = Int(random.below(UInt64(min(3, model.count) + 1)))
                if random.chance(1, in: 2) {
                    deque.removeFirst(count)
                    model.removeFirst(count)
                } else {
                    deque.removeLast(count)
                    model.removeLast(count)
                }
            }
            #expect(deque.count == model.count)
            #expect(deque.first == model.first)
            #expect(deque.last == model.last)
        }
        for position in model.indices { #expect(deque[position] == model[position]) }
        deque.removeAll()
        #expect(deque.isEmpty)
        #expect(deque.popFirst() == nil)
    }
}
