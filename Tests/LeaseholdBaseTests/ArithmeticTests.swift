import LeaseholdBase
import Testing

@Suite struct ArithmeticTests {
    @Test func countersSaturate() {
        #expect(LogIndex(.max).next == LogIndex(.max))
        #expect(LogIndex(0).previous == LogIndex(0))
        #expect(LogIndex(3) - LogIndex(5) == 0)
        #expect(LogIndex(5) - LogIndex(3) == 2)
    }

    @Test func timesSaturate() {
        #expect(LogTime(5) + Nanoseconds(-9) == .zero)
        #expect(LogTime(.max) + Nanoseconds(1) == .never)
        #expect(LogTime(3) - LogTime(10) == Nanoseconds(-7))
        #expect(LogTime(.max) - LogTime(0) == .max)
        #expect(Nanoseconds.seconds(.max) == .max)
        #expect(Nanoseconds.max + Nanoseconds(1) == .max)
        #expect(Nanoseconds(.min) - Nanoseconds(1) == Nanoseconds(.min))
    }

    @Test func randomDrawsFollowFromTheSeed() {
        var first = RandomSource(seed: 42)
        var second = RandomSource(seed: 42)
        var third = RandomSource(seed: 43)
        let draws = (0..<100).map { _ in first.next() }
        #expect(draws == (0..<100).map { _ in second.next() })
        #expect(draws != (0..<100).map { _ in third.next() })
        for _ in 0..<1000 {
            #expect((3...7).contains(first.integer(in: 3...7)))
            #expect(first.below(5) < 5)
        }
    }
}
