import LeaseMachine
import LeaseholdBase
import Simulator
import Testing

/// Histories that cannot have happened.
@Suite struct HistoryTestsBad {
    static let stories: [Story] = [
        Story("two holders at once") {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 8, 20, 30)
        },
        Story("an acquire that the cluster calls cancelled, with nobody having asked, and whose claim holds") {
            $0.grantAndEnd(1, 5, 0, 10, .cancelled)
            $0.read(2, 5, of: 1, 20, 30)
        },
        Story("an acquire that is called cancelled before its client asked to undo it, and whose claim holds") {
            $0.grantAndEnd(1, 5, 0, 10, .cancelled)
            $0.cancel(1, $0.latest, 40, 50, .ended(claim: ClaimID(5)))
            $0.read(2, 5, of: 1, 20, 30)
        },
        Story("a token granted twice") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.grant(2, 5, 40, 50)
        },
        Story("a token that went back") {
            $0.grant(1, 8, 0, 10)
            $0.release(1, 8, 20, 30)
            $0.grant(2, 5, 40, 50)
        },
        Story("a lost grant: a read finds nobody") {
            $0.grant(1, 5, 0, 10)
            $0.read(2, 0, 20, 30)
        },
        Story("a lost grant: a renewal finds the claim ended while its client may believe") {
            $0.grant(1, 5, 0, 10)
            $0.renew(1, 5, 20, 30, .ended(.expired))
        },
        Story("a lost grant: a renewal finds no such claim") {
            $0.grant(1, 5, 0, 10)
            $0.renew(1, 5, 20, 30, .unknown)
        },
        Story("a read of the past: the holder had released") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.read(2, 5, of: 1, 40, 50)
        },
        Story("a read of the past: another holds") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.grant(2, 8, 40, 50)
            $0.read(3, 5, of: 1, 60, 70)
        },
        Story("reads one after the other that go back") {
            $0.grant(1, 5, 0, 100, until: 150)
            $0.read(2, 5, of: 1, 10, 20)
            $0.read(3, 0, 30, 40)
        },
        Story("a refusal by a holder of the past") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.held(2, by: 5, of: 1, 40, 50)
        },
        Story("a release that ended another's claim") {
            $0.grant(1, 5, 0, 10, until: 50)
            $0.grant(2, 8, 60, 70, until: 200)
            $0.release(1, 5, 80, 90, .expired)
            $0.grant(3, 9, 100, 110)
        },
        Story("a release that was done, and nobody is the holder it ended") {
            $0.grant(1, 5, 0, 10, until: 50)
            $0.grant(2, 8, 60, 70)
            $0.release(1, 5, 80, 90)
        },
        Story("a release that was done and did nothing") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.renew(1, 5, 40, 50)
        },
        Story("an ended claim that came to life again") {
            $0.grant(1, 5, 0, 10, until: 50)
            $0.renew(1, 5, 60, 70, .ended(.expired))
            $0.renew(1, 5, 80, 90)
        },
        Story("a renewal of a claim behind another's grant") {
            $0.grant(1, 5, 0, 10, until: 50)
            $0.grant(2, 8, 60, 70)
            $0.renew(1, 5, 80, 90)
        },
        Story("an early end: granted anew while a core had told that it holds") {
            $0.grant(1, 5, 0, 10, until: 100)
            $0.keeps(1, 5, 60, until: 150)
            $0.grant(2, 9, 110, 120)
        },
        Story("an acquire that was not done, and took effect") {
            $0.acquire(1, 0, 10, .notDone)
            $0.read(2, 5, of: 1, 20, 30)
        },
        Story("an acquire of unknown outcome that took effect twice") {
            $0.acquire(1, 0, 10, .unknown)
            $0.read(2, 5, of: 1, 20, 30)
            $0.read(2, 8, of: 1, 40, 50)
        },
        Story("an acquire of unknown outcome that took effect before it was made") {
            $0.read(2, 5, of: 1, 0, 10)
            $0.acquire(1, 20, 30, .unknown)
        },
        Story("an acquire of unknown outcome beside a holder") {
            $0.acquire(1, 0, 10, .unknown)
            $0.grant(2, 5, 20, 30)
            $0.read(3, 7, of: 1, 40, 50)
        },
        Story("an acquire of unknown outcome with a token of the past") {
            $0.acquire(1, 0, 10, .unknown)
            $0.grant(2, 5, 20, 30)
            $0.release(2, 5, 40, 50)
            $0.read(3, 3, of: 1, 60, 70)
        },
        Story("a token that nobody asked for") {
            $0.grant(1, 5, 0, 10)
            $0.held(2, by: 7, of: 3, 20, 30)
        },
        Story("a release of unknown outcome before which another holds") {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 8, 15, 19)
            $0.release(1, 5, 20, 30, open: true)
        },
        Story("a cancel that ended a claim that still holds") {
            $0.grant(1, 5, 0, 10)
            $0.cancel(1, $0.latest, 20, 30, .ended(claim: ClaimID(5)))
            $0.read(2, 5, of: 1, 40, 50)
        },
        Story("an acquire undone by a cancel that holds later") {
            $0.acquire(1, 0, 10, .unknown)
            $0.cancel(1, $0.latest, 20, 30, .ended(claim: ClaimID(6)))
            $0.read(2, 6, of: 1, 40, 50)
        },
        Story("a lost update") {
            $0.grant(1, 5, 0, 10, value: [1])
            $0.update(1, 5, 2, 20, 30)
            $0.read(2, 5, of: 1, 40, 50, value: [1])
        },
        Story("a value that nobody gave") {
            $0.grant(1, 5, 0, 10, value: [1])
            $0.read(2, 5, of: 1, 40, 50, value: [3])
        },
        Story("an update of an ended claim") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.update(1, 5, 2, 40, 50)
        },
        Story("a list without a name that is held") {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 6, 0, 10, name: "b")
            $0.list(3, [Story.view("a", 5, of: 1)], 40, 50)
        },
        Story("a list that shows what was") {
            $0.grant(1, 5, 0, 10)
            $0.release(1, 5, 20, 30)
            $0.list(3, [Story.view("a", 5, of: 1)], 40, 50)
        },
        Story("a read behind a grant that was told of late and a read that had seen it") {
            $0.grant(1, 5, 0, 100, until: 300)
            $0.read(2, 5, of: 1, 10, 20)
            $0.grant(3, 9, 30, 90)
        },
        Story("two holders even where clocks are not to be trusted", trusted: false) {
            $0.grant(1, 5, 0, 10)
            $0.grant(2, 8, 20, 30)
            $0.renew(1, 5, 40, 50)
        },
    ]

    @Test(arguments: stories) func cannotHaveHappened(story: Story) {
        let judgement = LinearJudge().judge(story.history)
        #expect(judgement.violations.count == 1)
        #expect(judgement.undecided == [])
    }

    @Test func aViolationNamesTheCallAndWhatItContradicts() throws {
        let story = Story("stale") {
            $0.grant(1, 5, 0, 10_000)
            $0.release(1, 5, 20_000, 30_000)
            $0.read(2, 5, of: 1, 40_000, 50_000)
        }
        let violation = try #require(LinearJudge().judge(story.history).violations.first)
        #expect(violation.property == 18 && violation.process == "client 2" && violation.at == 50_000)
        #expect(
            violation.what == "call 2: get a from 0.000040 s to 0.000050 s: at 50000 held by c1 with 5 for 0.000000 s")
        #expect(
            violation.against
                == "a is free after 5 after call 1: release a 5 from 0.000020 s to 0.000030 s: claim 5 released")
    }

    @Test func whatIsNotDecidedWithinItsBoundIsSaid() {
        var judge = LinearJudge()
        judge.stepsMax = 1_000
        // Twenty at once of which none fits: every subset would have to be looked at.
        let story = Story("hard") { story in
            for client in 1...20 {
                story.grant(client, UInt64(client * 10), 0, 1_000, until: 1_100)
                story.release(client, UInt64(client * 10), 0, 1_000)
            }
            story.read(1, 0, 0, 1_000)
            story.held(2, by: 7, of: 30, 0, 1_000)
            story.acquire(30, 999, 999, .unknown)
            story.release(1, 10, 1_001, 1_002)
        }
        let judgement = judge.judge(story.history)
        #expect(judgement.undecided == ["a"] && judgement.violations == [])
    }
}
