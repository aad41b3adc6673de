import LeaseholdBase
import Testing

@Suite struct MarkSetTests {
    enum Mark: UInt8, CoverageMark {
        case first = 0
        case second = 1
        case last = 63
    }

    @Test func aMarkStaysHitAndNoOtherIs() {
        var marks = MarkSet<Mark>()
        #expect(marks.isEmpty && Array(marks) == [])
        marks.hit(.last)
        marks.hit(.first)
        marks.hit(.last)
        #expect(marks.contains(.first) && !marks.contains(.second) && marks.contains(.last))
        #expect(Array(marks) == [.first, .last])
        #expect(marks.bits == UInt64(1) << 63 | 1)
    }

    @Test func aUnionHasWhatEitherHas() {
        var marks = MarkSet<Mark>(bits: 1)
        marks.formUnion(MarkSet(bits: 2))
        #expect(Array(marks) == [.first, .second])
    }

    @Test func numbersWithoutAMarkArePassedOver() { #expect(Array(MarkSet<Mark>(bits: 0b110)) == [.second]) }
}
