import LeaseMachine
import LeaseholdBase
import Simulator
import Testing

/// Histories that could have happened.
@Suite struct HistoryTestsGood {
    static let stories: [Story] = [
        Story("nothing") { _ in },
        Story("one after the other") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.grant(2, 9, 40, 50)
            $0.read(3, 9, of: 2, 60, 70)
        },
        Story("a release and a grant at the same time") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 60)
            $0.grant(2, 9, 15, 50)
        },
        Story("reads on both sides of a grant under way") {
            $0.grant(1, 5, 0, 100, until: 150)
            $0.read(2, 0, 10, 90)
            $0.read(3, 5, of: 1, 20, 80)
            $0.read(4, 5, of: 1, 81, 95)
        },
        Story("reads at the same time that saw different things around a release") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 100)
            $0.read(2, 0, 30, 90)
            $0.read(3, 5, of: 1, 30, 90)
        },
        Story("an acquire of unknown outcome that took effect late") {
            $0.acquire(1, 0, 10, .unknown)
            $0.read(2, 0, 20, 30)
            $0.read(2, 7, of: 1, 40, 50)
            $0.held(3, by: 7, of: 1, 60, 70)
        },
        Story("an acquire of unknown outcome that never took effect") {
            $0.acquire(1, 0, 10, .unknown)
            $0.grant(2, 5, 20, 30)
            $0.read(3, 5, of: 2, 40, 50)
        },
        Story("an acquire of unknown outcome after another's whole tenure") {
            $0.acquire(1, 0, 10, .unknown)
            $0.grant(2, 5, 20, 30)
            $0.release(2, 5, 40, 50)
            $0.read(3, 8, of: 1, 60, 70)
        },
        Story("an acquire whose client died and that took effect and was undone") {
            $0.acquire(1, 0)
            $0.held(2, by: 4, of: 1, 10, 20)
            $0.grant(2, 6, 30, 40)
        },
        Story("two acquires of one client of which one took effect, and it cannot be told which") {
            $0.acquire(1, 0, 10, .unknown)
            $0.acquire(1, 20, 30, .unknown)
            $0.read(2, 0, 35, 40)
            $0.read(2, 5, of: 1, 45, 50)
            $0.read(2, 9, of: 1, 60, 70)
        },
        Story("a claim that expired and was granted anew") {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.held(2, by: 5, of: 1, 50, 60)
            $0.grant(2, 8, 90, 110)
        },
        Story("a claim that was renewed, then expired") {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.renew(1, 5, 80, 90)
            $0.read(2, 5, of: 1, 150, 160)
            $0.renew(1, 5, 200, 210, .ended(.expired))
            $0.grant(2, 9, 220, 230)
        },
        Story("a kept lease whose core told that it holds for longer") {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.keeps(1, 5, 60, until: 150)
            $0.held(2, by: 5, of: 1, 110, 120)
            $0.grant(2, 9, 160, 170)
        },
        Story("a release of unknown outcome that took effect") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30, open: true)
            $0.grant(2, 8, 40, 50)
        },
        Story("a release of unknown outcome that did not") {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.release(1, 5, 20, 30, open: true)
            $0.held(2, by: 5, of: 1, 40, 50)
            $0.grant(2, 8, 100, 110)
        },
        Story("a release of unknown outcome, and a second one that is told of the first") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30, open: true)
            $0.grant(2, 8, 40, 50)
            $0.release(1, 5, 60, 70)
            $0.read(3, 8, of: 2, 75, 80)
        },
        Story("a release of a claim that had expired") {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.grant(2, 8, 110, 120, until: 210)
            $0.release(1, 5, 130, 140, .expired)
            $0.held(3, by: 8, of: 2, 150, 160)
        },
        Story("a release of a claim that nobody knows") {
            $0.grant(1, 5, 0, 10)
            $0.release(2, 3, 20, 30, nil)
            $0.read(3, 5, of: 1, 40, 50)
        },
        Story("a grant that was over when it was told of") {
            $0.grantAndEnd(1, 5, 0, 500)
            $0.read(2, 5, of: 1, 50, 60)
            $0.grant(2, 7, 100, 110, until: 200)
            $0.release(2, 7, 120, 130)
        },
        Story("a kept grant that came too late, was given back by the core, and is released by hand") {
            $0.grant(1, 5, 0, 300, until: 0, kept: true)
            $0.grant(2, 8, 200, 310, until: 400)
            $0.release(1, 5, 320, 330)
            $0.read(3, 8, of: 2, 340, 350)
        },
        Story("an acquire that its client was undoing, by calls that came to nothing, and that its core undid") {
            $0.grantAndEnd(1, 5, 0, 40, .cancelled)
            let acquire = $0.latest
            $0.cancel(1, acquire, 10, 30, otherwise: .notDone)
            $0.read(2, 5, of: 1, 50, 60)
            $0.grant(2, 8, 70, 80)
            $0.cancel(1, acquire, 90, 100, .ended(claim: ClaimID(5)))
            $0.read(3, 8, of: 2, 110, 120)
        },
        Story("an acquire that was not done") {
            $0.acquire(1, 0, 10, .notDone)
            $0.grant(2, 5, 20, 30)
        },
        Story("a cancel that undid an acquire of unknown outcome") {
            $0.acquire(1, 0, 10, .unknown)
            $0.cancel(1, $0.latest, 20, 30, .ended(claim: ClaimID(6)))
            $0.grant(2, 8, 40, 50)
        },
        Story("a cancel that came first") {
            $0.acquire(1, 0, 10, .unknown)
            $0.cancel(1, $0.latest, 20, 30, .remembered)
            $0.read(2, 0, 40, 50)
        },
        Story("a cancel that ended a grant that was told of") {
            $0.grant(1, 5, 0, 10)
            $0.cancel(1, $0.latest, 20, 30, .ended(claim: ClaimID(5)))
            $0.grant(2, 8, 40, 50)
        },
        Story("a cancel of unknown outcome that ended a grant") {
            $0.grant(1, 5, 0, 10)
            $0.cancel(1, $0.latest, 20, 30)
            $0.grant(2, 8, 40, 50)
        },
        Story("a stale read of the past, which is not this judge's affair") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.read(2, 5, of: 1, 40, 50, stale: true)
        },
        Story("values in their order") {
            $0.grant(1, 5, 0, 10, value: [1])
            $0.read(2, 5, of: 1, 20, 30, value: [1])
            $0.update(1, 5, 2, 40, 50)
            $0.read(2, 5, of: 1, 60, 70, value: [2])
        },
        Story("an update of unknown outcome that took effect late") {
            $0.grant(1, 5, 0, 10, value: [1])
            $0.update(1, 5, 2, 20, 30, open: true)
            $0.read(2, 5, of: 1, 40, 50, value: [1])
            $0.read(2, 5, of: 1, 60, 70, value: [2])
        },
        Story("reads on both sides of an update under way") {
            $0.grant(1, 5, 0, 10, value: [1])
            $0.update(1, 5, 2, 20, 80)
            $0.read(2, 5, of: 1, 30, 70, value: [2])
            $0.read(3, 5, of: 1, 30, 70, value: [1])
        },
        Story("a list that shows one name and not another") {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 6, 0, 10, name: "b")
            $0.release(2, 6, 20, 30, name: "b")
            $0.list(3, [Story.view("a", 5, of: 1)], 40, 50)
        },
        Story("a list that ends before the other name") {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 6, 0, 10, name: "b")
            $0.list(3, [Story.view("a", 5, of: 1)], more: true, 40, 50)
        },
        Story("one name after another has the same moments") {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 6, 0, 10, name: "b")
            $0.read(3, 6, of: 2, 20, 30, name: "b")
        },
        Story("a tenure cut short where clocks are not to be trusted", trusted: false) {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.grant(2, 8, 20, 30)
        },
        Story("many at once of whom one after the other gets it") {
            for client in 1...9 {
                $0.grant(client, UInt64(client * 10), 0, 1_000, until: 1_100)
                $0.release(client, UInt64(client * 10), 0, 1_000)
            }
            for client in 1...9 { $0.read(client, 0, 0, 1_000) }
        },
    ]

    @Test(arguments: stories) func couldHaveHappened(story: Story) {
        let judgement = LinearJudge().judge(story.history)
        #expect(judgement.violations == [])
        #expect(judgement.undecided == [])
    }

    /// A history of ten thousand calls takes hardly more steps than it has calls.
    @Test func aLongHistoryTakesFewSteps() {
        let story = Story("long") { story in
            var now: UInt64 = 0
            for turn in 1...1_500 as ClosedRange<UInt64> {
                let client = Int(turn % 4) + 1
                story.grant(client, turn * 3, now, now + 30, until: now + 90)
                story.read(5, turn * 3, of: client, now + 5, now + 60)
                story.held(6, by: turn * 3, of: client, now + 31, now + 58)
                story.acquire(7, now + 40, now + 45, .unknown)
                story.release(client, turn * 3, now + 50, now + 80)
                story.read(8, 0, now + 62, now + 85)
                now += 90
            }
        }
        let judgement = LinearJudge().judge(story.history)
        #expect(judgement.violations == [] && judgement.undecided == [])
        #expect(judgement.callsJudged == 7_500 && judgement.steps < 30_000)
    }
}
