import LeaseMachine
import LeaseholdBase
import LeaseholdCommand
import LeaseholdWire
import Testing

@Suite struct LeaseReportTests {
    static func holder(_ value: [UInt8], remaining: Nanoseconds = .milliseconds(14_990)) -> LeaseView.Holder {
        LeaseView.Holder(
            claim: ClaimID(5), token: FencingToken(7), holder: "h:1", value: value, ttl: .seconds(15),
            remaining: remaining)
    }

    static func report(_ holders: [LeaseView.Holder], stale: Bool = false) -> LeaseReport {
        LeaseReport(
            LeaseView(name: "jobs/a", capacity: 1, holders: holders, waiters: 0),
            ReadPreface(index: LogIndex(17), silence: .milliseconds(42)), stale: stale)
    }

    @Test func aLeaseHasEveryKeyWhetherItIsHeldOrNot() {
        #expect(
            Self.report([]).json.text
                == #"{"name": "jobs/a", "capacity": 1, "holders": [], "waiters": 0, "index": 17}"#)
        #expect(
            Self.report([Self.holder(Array("x".utf8))]).json.text
                == #"{"name": "jobs/a", "capacity": 1, "holders": [{"claim": "5", "token": "7", "holder": "h:1", "#
                + #""value": "x", "remaining_ms": 14990}], "waiters": 0, "index": 17}"#)
        #expect(Self.report([], stale: true).json.text.hasSuffix(#""index": 17, "age_ms": 42}"#))
    }

    @Test func aValueThatIsNoTextIsShownAsItsBytes() {
        let text = Self.report([Self.holder([0xFF, 0xFE])]).json.text
        #expect(text.contains(#""value": null, "remaining_ms": 14990, "value_base64": "//4="}"#))
        #expect(Self.report([Self.holder([])]).json.text.contains(#""value": null, "remaining_ms": 14990}"#))
        #expect(Self.report([Self.holder([0xFF, 0xFE])]).rows.first?.last == "base64://4=")
    }

    @Test func timeThatIsUpIsNotNegative() {
        let text = Self.report([Self.holder([], remaining: .milliseconds(-3))]).json.text
        #expect(text.contains(#""remaining_ms": 0"#))
    }

    @Test func aListIsWrittenLeaseByLease() {
        func text(_ format: OutputFormat, _ count: Int) -> String {
            var listing = Listing(format: format)
            for _ in 0..<count { listing.append(Self.report([])) }
            return listing.text
        }
        let lease = Self.report([]).json.text
        #expect(text(.json, 0) == "[]\n")
        #expect(text(.json, 2) == "[\(lease), \(lease)]\n")
        #expect(text(.jsonl, 0) == "")
        #expect(text(.jsonl, 2) == "\(lease)\n\(lease)\n")
        #expect(text(.table, 0) == "no lease is held\n")
    }

    @Test func aTenureHasEveryKey() {
        var tenure = Tenure(
            name: "jobs/a", claim: ClaimID(5), token: FencingToken(7), holder: "h:1", ttl: .seconds(15),
            validFor: .milliseconds(14_690))
        #expect(
            tenure.json.text
                == #"{"name": "jobs/a", "claim": "5", "token": "7", "holder": "h:1", "ttl_ms": 15000, "#
                + #""valid_for_ms": 14690}"#)
        tenure = Tenure(
            name: "jobs/a", claim: ClaimID(5), token: FencingToken(7), holder: nil, ttl: nil, validFor: .seconds(1))
        #expect(tenure.json.text.contains(#""holder": null, "ttl_ms": null, "valid_for_ms": 1000}"#))
    }

    @Test(arguments: ["", "1", "ff-1", "00000000000000ff", "00000000000000ff-0", "0000000000000000-1", "x-1-2"])
    func whatNamesNoRequestIsNone(text: String) { #expect(requestID(text) == nil) }

    @Test func aRequestIsReadAsItIsTold() {
        let request = RequestID(instance: ClientInstance(.max - 1), sequence: RequestSequence(17))
        #expect(requestID(request.description) == request)
    }
}
