import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdCommand
import LeaseholdSystem
import LeaseholdWire
import Testing

@Suite struct RequestFailureTests {
    static let endpoints: [Endpoint] = [.internet(host: "127.0.0.1", port: 7401), .internet(host: "::1", port: 7402)]

    func failure(_ reason: NotDone) -> CommandFailure {
        CommandFailure(reason, asking: Self.endpoints, within: .seconds(10))
    }

    @Test(arguments: [
        (LeaseError.nameInvalid, FailureCode.nameInvalid), (.holderInvalid, .holderInvalid),
        (.valueTooLong, .valueTooLong), (.ttlOutOfRange(minimum: .zero, maximum: .seconds(1)), .ttlOutOfRange),
        (.capacityMismatch, .capacityMismatch), (.notSupported, .notSupported),
        (
            .held(LeaseError.Held(name: "a", holder: "b", token: FencingToken(1), remaining: .seconds(1))),
            .held
        ), (.claimUnknown, .claimUnknown), (.ended(.expired), .ended), (.tooOld, .tooOld),
        (.requestReused, .internal), (.overloaded, .overloaded), (.malformed, .usage), (.settingInvalid, .usage),
    ])
    func aRefusalOfTheClusterKeepsItsCode(error: LeaseError, code: FailureCode) {
        #expect(CommandFailure(error).code == code)
        // The cluster's own names are those of the command line, wherever it has one for it.
        if FailureCode(rawValue: error.code) != nil { #expect(code.rawValue == error.code) }
        #expect(failure(.declined(error)).code == code)
        #expect(CommandFailure(SubmissionError.invalid(error)).code == code)
    }

    @Test func aHeldLeaseTellsByWhomAndForHowLong() {
        let held = LeaseError.Held(name: "jobs/a", holder: "h:1", token: FencingToken(.max), remaining: .seconds(12))
        let failure = CommandFailure(LeaseError.held(held))
        let keys =
            #", "name": "jobs/a", "holder": "h:1", "token": "18446744073709551615", "remaining_ms": 12000}"#
        #expect(failure.json.text.hasSuffix(keys))
        #expect(failure.message.contains("held by h:1 under token 18446744073709551615, for another 12s"))
        #expect(failure.code.exitStatus == 75)
    }

    @Test func anEndedClaimTellsItsReason() {
        let failure = CommandFailure(LeaseError.ended(.expired))
        #expect(failure.json.text.hasSuffix(#", "reason": "expired"}"#))
        #expect(failure.code.exitStatus == 79)
    }

    @Test func whatWasNotDoneIsToldByWhatRefusedIt() {
        let expected: [RefusalCode: FailureCode] = [
            .overloaded: .overloaded, .diskLow: .diskLow, .notReady: .unreachable, .shuttingDown: .unreachable,
            .deadlinePassed: .unreachable, .denied: .denied, .notSupported: .notSupported, .malformed: .internal,
            .internalError: .internal, .memberUnknown: .memberUnknown, .handOverFailed: .handOverFailed,
            .losesQuorum: .losesQuorum, .notCaughtUp: .notCaughtUp, .changeUnderWay: .changeUnderWay,
            .memberRefused: .memberRefused, .snapshotGone: .snapshotGone, .snapshotUnderWay: .snapshotUnderWay,
            .levelUnsupported: .levelUnsupported,
        ]
        for code in RefusalCode.allCases { #expect(failure(.refused(Refusal(code))).code == expected[code], "\(code)") }
    }

    @Test func whoWasNotReachedIsNamed() {
        let nobody = failure(.unreachable(nil))
        #expect(nobody.code == .unreachable)
        #expect(nobody.message.contains("within 10s at 127.0.0.1:7401,[::1]:7402"))
        #expect(failure(.unreachable(.wrongCluster)).code == .wrongIdentity)
        #expect(failure(.unreachable(.protocolUnsupported)).code == .notSupported)
        #expect(failure(.unreachable(.authentication)).code == .denied)
        #expect(failure(.unreachable(.slowReader)).message.contains("slow_reader"))
        #expect(failure(.givenUp).code == .unreachable)
    }

    @Test func aHandOverThatMayHappenYetIsNotToldAsNotDone() {
        let late = failure(.refused(Refusal(.handOverFailed, message: "the other node has not taken over in time")))
        #expect(late.code.exitStatus == 76)
        #expect(late.message.contains("may take over yet") && !late.message.contains("nothing was done"))
    }

    @Test func theUnknownIsNeitherDoneNorUndone() {
        let failure = CommandFailure.unknownOutcome(within: .milliseconds(1_500))
        #expect(failure.code == .outcomeUnknown)
        #expect(failure.message.contains("within 1500ms"))
        #expect(failure.code.exitStatus == 76)
        #expect(failure.message.hasSuffix("leasehold get shows"))
        let ofMembers = CommandFailure.unknownOutcome(within: .seconds(1), shownBy: "leasehold member list")
        #expect(ofMembers.message.hasSuffix("leasehold member list shows"))
    }

    @Test(arguments: [
        (0, "0ms"), (999, "999ms"), (1_000, "1s"), (1_500, "1500ms"), (60_000, "1m"), (61_000, "61s"),
        (3_600_000, "1h"), (86_400_000, "24h"),
    ])
    func aTimeIsWrittenAsItWouldBeTyped(milliseconds: Int64, text: String) {
        #expect(readable(.milliseconds(milliseconds)) == text)
        #expect(duration(text) == .milliseconds(milliseconds))
    }
}
