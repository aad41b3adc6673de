import Testing
import simulate

@Suite struct DeterminismTests {
    @Test func equalSequencesAreTheSame() {
        guard case .same(let hash, let events) = Determinism.compare([1, 2, 3], [1, 2, 3], final: [3, 3]) else {
            Issue.record("not the same")
            return
        }
        #expect(hash == 3 && events == 3)
    }

    @Test func theFirstDifferenceIsNamed() {
        guard
            case .different(let place, let first, let second) = Determinism.compare(
                [1, 2, 3, 4], [1, 2, 7, 4], final: [4, 4])
        else {
            Issue.record("taken for the same")
            return
        }
        #expect(place == 2 && first == 3 && second == 7)
    }

    @Test func aRunThatEndsEarlierIsDifferentWhereItEnds() {
        guard case .different(2, nil, 3) = Determinism.compare([1, 2], [1, 2, 3], final: [2, 3]) else {
            Issue.record("taken for the same")
            return
        }
        guard case .different(2, nil, nil) = Determinism.compare([1, 2], [1, 2], final: [2, 9]) else {
            Issue.record("the hash over all is not looked at")
            return
        }
    }
}
