import Foundation
import Simulator
import Testing
import simulate

@Suite struct PictureTests {
    func picture(_ events: [TraceEvent], violation: Violation? = nil, milliseconds: UInt64 = 1_000) -> Picture {
        var plan = Plan(seed: 5)
        plan.nodes = 3
        plan.clients = 2
        plan.faults = [Fault(number: 9, kind: .split, at: 100, lasts: 200, target: .places([0, 3]), others: [1])]
        var report = Report(plan: plan)
        report.violations = violation.map { [$0] } ?? []
        report.figures.milliseconds = milliseconds
        let recorder = TraceRecorder()
        for event in events { recorder.record(event) }
        return PictureBuilder.picture(of: report, recorder: recorder, command: "simulate run 5")
    }

    func event(
        _ milliseconds: UInt64, _ kind: TraceEvent.Kind, _ place: Int, other: Int = -1, value: UInt64 = 0,
        _ text: String = ""
    ) -> TraceEvent {
        TraceEvent(at: milliseconds * 1_000_000, event: 1, kind, place: place, other: other, value: value, text: text)
    }

    @Test func rolesAndLivesBecomeBars() {
        let picture = picture([
            event(0, .started, 0), event(10, .role, 0, value: 1, "follower"), event(200, .role, 0, value: 2, "leader"),
            event(300, .ended, 0, "crashed"), event(500, .started, 0), event(510, .role, 0, value: 2, "follower"),
        ])
        #expect(picture.lanes == ["node 1", "node 2", "node 3", "client 1", "client 2"])
        #expect(picture.up == [[0, 0, 300_000, 0], [0, 500_000, 1_000_000, -1]])
        #expect(picture.words == ["crashed"])
        #expect(picture.roleNames == ["follower", "leader"])
        #expect(
            picture.roles == [
                [0, 10_000, 200_000, 0, 1], [0, 200_000, 300_000, 1, 2], [0, 510_000, 1_000_000, 0, 2],
            ])
    }

    @Test func twoWhoBelieveAtOnceAreAnOverlap() {
        let picture = picture([
            event(100, .believes, 3, value: 7, "a"), event(100, .extends, 3, value: 400_000_000, "a"),
            event(200, .extends, 3, value: 700_000_000, "a"), event(600, .believes, 4, value: 8, "a"),
            event(600, .extends, 4, value: 900_000_000, "a"), event(650, .believesNoMore, 4, "a"),
            event(800, .believes, 4, value: 9, "b"), event(800, .extends, 4, value: 850_000_000, "b"),
        ])
        #expect(picture.names == ["a", "b"])
        #expect(
            picture.beliefs == [
                [3, 0, 7, 100_000, 700_000], [4, 0, 8, 600_000, 650_000], [4, 1, 9, 800_000, 850_000],
            ])
        #expect(picture.overlaps == [[0, 600_000, 650_000, 3, 4]])
    }

    @Test func aClientThatDiesBelievesNoMore() {
        let picture = picture([
            event(0, .started, 3), event(100, .believes, 3, value: 7, "a"),
            event(100, .extends, 3, value: 900_000_000, "a"), event(300, .ended, 3, "crashed"),
            event(400, .believes, 4, value: 8, "a"),
        ])
        #expect(picture.beliefs[0] == [3, 0, 7, 100_000, 300_000] && picture.overlaps == [])
    }

    @Test func faultsStrikeTheLanesOfTheirPlan() {
        let picture = picture([
            event(100, .faultBegan, 0, value: 9, "#9 split"), event(300, .faultEnded, 0, value: 9),
            event(400, .sent, 0, other: 1, value: 2_000_000, "append 2"), event(500, .lost, 0, other: 2, "append 2"),
            event(500, .sent, 0, other: 99, "to nobody"),
        ])
        #expect(picture.groups == ["partitions"])
        #expect(picture.faults == [[9, 100_000, 300_000, 0, 0, 0, 3]])
        #expect(picture.messages == [[0, 1, 400_000, 402_000, 1], [0, 2, 500_000, -1, 1]])
        #expect(picture.words == ["#9 split", "append 2"])
    }

    @Test func aPageNeedsNothingElseAndCannotBeEndedByWhatItShows() {
        let text = "</script><script>alert(1)</script>"
        let violation = Violation(11, at: 5_000_000, event: 3, by: "client 2", what: text, against: "client 1 waits ")
        let page = Page.text(picture([event(1, .client, 3, text)], violation: violation))
        #expect(page.components(separatedBy: "</script>").count == 2)
        #expect(page.contains("\"violationLanes\":[3,4]") && page.contains("\"violationAt\":5000"))
        for outside in ["http://", "https://", " src=", "@import", "url("] { #expect(!page.contains(outside)) }
        #expect(page.contains("\"facts\":[\"property 11, exclusion in true time, at 0.005000 s, event 3\""))
    }
}
