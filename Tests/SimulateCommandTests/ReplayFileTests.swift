import Foundation
import Simulator
import Testing
import simulate

@Suite struct ReplayFileTests {
    func complaint(_ text: String) -> String? {
        #expect(throws: CommandFailure.self) { try ReplayFile.decode(Data(text.utf8), name: "a file") }?.message
    }

    var plan: Plan {
        var plan = Plan(seed: 7)
        plan.faults = [Fault(number: 3, kind: .split, at: 100, lasts: 50, target: .places([0]), others: [1, 2])]
        return plan
    }

    @Test func aPlanIsReadAsItWasWritten() throws {
        let text = JSONText.pretty(plan)
        #expect(try ReplayFile.decode(Data(text.utf8), name: "a file") == plan)
        #expect(JSONText.pretty(plan) == text)
    }

    @Test func aDamagedFileIsRefusedWithItsFault() {
        let text = JSONText.line(plan)
        #expect(complaint("") == "a file is damaged or no replay file: it is not JSON with a format number")
        #expect(complaint("{\"seed\":1}") == "a file is damaged or no replay file: it is not JSON with a format number")
        #expect(complaint(String(text.dropLast(9)))?.contains("damaged") == true)
        #expect(
            complaint(text.replacing("\"format\":1", with: "\"format\":2"))
                == "a file has format 2, and this program knows formats 1 to 1")
        #expect(complaint(text.replacing("\"format\":1", with: "\"format\":0"))?.contains("has format 0") == true)
        for (old, new, what) in [
            ("\"seed\":7,", "", "seed is missing"),
            ("\"split\"", "\"splot\"", "faults[0].kind is none of those that there are"),
            ("\"at\":100", "\"at\":\"x\"", "faults[0].at is no whole number that fits"),
            ("\"at\":100,", "", "faults[0].at is missing"), ("\"places\"", "\"spaces\"", "faults[0].target"),
            ("\"others\":[1,2]", "\"others\":1", "faults[0].others is no list"),
            ("\"others\":[1,2]", "\"others\":[1,1.5]", "faults[0].others[1] is no whole number that fits"),
        ] {
            #expect(
                complaint(text.replacing(old, with: new))?.hasPrefix("a file is damaged: \(what)") == true, "\(what)")
        }
    }

    @Test func aPlanThatCannotBeRunIsRefused() {
        func refused(_ change: (inout Plan) -> Void) -> String? {
            var plan = plan
            change(&plan)
            return complaint(JSONText.line(plan))
        }
        #expect(refused { $0.nodes = 0 } == "a file is damaged: a cluster has 1, 3 or 5 nodes, not 0")
        #expect(refused { $0.clients = -1 }?.contains("clients") == true)
        #expect(refused { $0.trouble = -1 }?.contains("trouble is -1") == true)
        #expect(refused { $0.core = [0] }?.contains("no majority") == true)
        #expect(refused { $0.faults[0].others = [99] }?.contains("fault #3: it concerns") == true)
        #expect(refused { $0.faults[0].at = -1 }?.contains("fault #3: at is -1, and must") == true)
        #expect(refused { $0.faults[0].strength = 1 }?.contains("strength of split is 1, and must be 0") == true)
        #expect(refused { $0.faults[0].target = .follower(-1) }?.contains("follower is -1") == true)
        let change = SettingsChange.remembering(endings: 1, at: 0, askedBy: 4)
        #expect(
            refused { $0.changes = [change] }?.contains("changes[0]: client is 4, and must be within 0 to 3") == true)
        #expect(
            refused { $0.faults.append($0.faults[0]) }
                == "a file is damaged: two faults have the same number")
        #expect(
            refused { $0.work.ttlAtLeast = 9_999_999 }
                == "a file is damaged: work.ttlAtLeast is 9999999 and work.ttlAtMost 3000: they must be a range within 0 to 15000"
        )
        #expect(refused { $0.work.restAtLeast = -1 }?.contains("work.restAtLeast is -1") == true)
        #expect(refused { $0.process.uncommittedBytes = -1 }?.contains("uncommittedBytes is -1") == true)
        #expect(refused { $0.process.heartbeat = 9_999 }?.contains("heartbeat is 9999") == true)
        #expect(refused { $0.profile = .membership } == "a file is damaged: profile membership is not supported yet")
    }
}
