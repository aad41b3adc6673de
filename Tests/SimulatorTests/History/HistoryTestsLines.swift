import LeaseMachine
import LeaseholdBase
import Simulator
import Testing

@Suite struct HistoryTestsLines {
    @Test(arguments: HistoryTestsGood.stories + HistoryTestsBad.stories)
    func whatIsWrittenIsRead(story: Story) throws {
        let text = story.history.lines()
        let read = try History(lines: Array(text.utf8))
        #expect(read == story.history)
        #expect(read.lines() == text)
    }

    @Test func everyKindOfAnswerIsWrittenAndRead() throws {
        let errors: [LeaseError] = [
            .nameInvalid, .holderInvalid, .valueTooLong, .capacityMismatch, .notSupported, .claimUnknown, .tooOld,
            .requestReused, .overloaded, .malformed, .ended(.cancelled),
            .ttlOutOfRange(minimum: Nanoseconds(1), maximum: Nanoseconds(2)),
            .held(.init(name: "n\"\\\u{1F600}", holder: "tab\there", token: FencingToken(.max), remaining: .zero)),
        ]
        var history = History(seed: .max, areClocksTrusted: false)
        for error in errors {
            history.append(
                Operation(
                    client: 1, invoked: 1, completed: 2, question: .release(.init(claim: ClaimID(1))),
                    result: .done(.outcome(.refused(error)))))
        }
        for reason in EndReason.allCases {
            history.tell(Telling(client: 2, at: 5, name: "a", token: FencingToken(3), news: .ended(reason)))
        }
        history.tell(Telling(client: 2, at: 5, name: "a", token: FencingToken(3), news: .unknown))
        let statuses: [ClaimStatus] = [
            .unknown, .waiting(position: 3), .ending(.revoked, validFor: Nanoseconds(7)), .ended(.broken),
            .holding(token: FencingToken(9), validFor: Nanoseconds(8)),
        ]
        history.append(
            Operation(
                client: 1, invoked: 1, completed: 2,
                question: .renew(statuses.indices.map { Renewal(claim: ClaimID(UInt64($0))) }),
                result: .done(.renewed(statuses)), beliefs: [0, 0, 0, 0, 11]))
        #expect(try History(lines: Array(history.lines().utf8)) == history)
    }

    static let head = #"{"history":1,"seed":7,"clocks":1}"#
    static let call =
        #"{"call":0,"client":1,"from":10,"to":20,"ask":"get","name":"a","stale":0,"result":"notDone"}"#

    /// Each with the line that is wrong and a word of what is told about it.
    static let damaged: [(text: String, line: Int, word: String)] = [
        ("", 1, "empty"),
        ("\n\n", 3, "empty"),
        ("[1]", 1, "expected an object"),
        ("{}", 1, "\"history\""),
        (#"{"history":2,"seed":1,"clocks":1}"#, 1, "format 2"),
        (#"{"history":1,"clocks":1}"#, 1, "\"seed\" is missing"),
        (#"{"history":1,"seed":1,"clocks":2}"#, 1, "\"clocks\" is greater"),
        (#"{"history":1,"seed":-1,"clocks":1}"#, 1, "expected a whole number"),
        (#"{"history":1,"seed":1.5,"clocks":1}"#, 1, "numbers are whole"),
        (#"{"history":1,"seed":18446744073709551616,"clocks":1}"#, 1, "64 bits"),
        (head + "\n" + call.dropLast(), 2, "expected ,"),
        (head + "\n" + call + call, 2, "nothing may follow"),
        (head + "\n\n" + call + "\n" + call, 4, "call 0 where call 1 is due"),
        (head + "\n{\"something\":1}", 2, "neither"),
        (head + "\n" + call.replacing("get", with: "fetch"), 2, "unknown question: fetch"),
        (head + "\n" + call.replacing("notDone", with: "maybe"), 2, "unknown result: maybe"),
        (head + "\n" + call.replacing("notDone", with: "done"), 2, "\"answer\" is missing"),
        (head + "\n" + call.replacing("\"to\":20", with: "\"to\":9"), 2, "ends before it begins"),
        (head + "\n" + call.replacing("\"name\":\"a\"", with: "\"name\":5"), 2, "\"name\" is not a text"),
        (head + "\n" + call.replacing("\"client\":1", with: "\"client\":\"x\""), 2, "\"client\" is not a number"),
        (head + "\n" + call.replacing("\"client\":1", with: "\"client\":1,\"client\":2"), 2, "stands twice"),
        (head + "\n" + call.replacing("\"a\"", with: "\"\\x\""), 2, "unknown escape"),
        (head + "\n" + call.replacing("\"a\"", with: "\"a"), 2, "expected"),
        (head + "\n" + String(repeating: "[", count: 100_000), 2, "nested too deeply"),
    ]

    @Test(arguments: damaged) func damageIsToldWithItsLine(text: String, line: Int, word: String) {
        let error = #expect(throws: HistoryError.self) { try History(lines: Array(text.utf8)) }
        #expect(error?.line == line)
        #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
    }

    @Test func aFileThatWasCutAtTheEndOfALineIsRefused() throws {
        let lines = HistoryTestsGood.stories[20].history.lines().split(separator: "\n")
        let text = lines.dropLast().joined(separator: "\n")
        let error = #expect(throws: HistoryError.self) { try History(lines: Array(text.utf8)) }
        #expect(error?.message.contains("it was cut") == true)
        // One that does not say how many lines there are is taken as it is.
        let short = try History(lines: Array((Self.head + "\n" + Self.call).utf8))
        #expect(short.operations.count == 1)
    }

    /// Whatever is damaged, reading ends with an error or with a history, and never with a trap.
    @Test func damageAnywhereIsNoTrap() {
        var random = RandomSource(seed: 3)
        let text = Array(HistoryTestsGood.stories[20].history.lines().utf8)
        var refused = 0
        for _ in 0..<3_000 {
            var damaged = text
            switch random.below(3) {
            case 0: damaged.removeLast(Int(random.below(UInt64(text.count))))
            case 1: damaged[Int(random.below(UInt64(text.count)))] = UInt8(random.below(256))
            default: damaged.remove(at: Int(random.below(UInt64(text.count))))
            }
            do throws(HistoryError) { _ = try History(lines: damaged) } catch { refused += 1 }
        }
        #expect(refused > 1_000)
    }
}
