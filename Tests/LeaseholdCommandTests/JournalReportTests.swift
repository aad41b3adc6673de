import LeaseMachine
import LeaseholdBase
import LeaseholdCommand
import LeaseholdJournal
import Raft
import Testing

@Suite struct JournalReportTests {
    static let identity = JournalIdentity(node: NodeID(2), incarnation: Incarnation(9))
    static let segment = JournalInspector.Item.segment(
        name: "journal/a.seg",
        SegmentHeader(
            identity: identity, segment: 1, firstIndex: LogIndex(1), firstBatch: 1, previousTerm: .zero, term: Term(3)),
        size: 4096)
    static let batch = JournalInspector.Item.batch(
        BatchHeader(
            flags: .seal, identity: identity, segment: 1, number: 1, lastIndex: LogIndex(7), lastTerm: Term(3),
            commit: LogIndex(6), payloadCount: 0, payloadChecksum: 0),
        offset: 128)
    static let entry = JournalRecord.entry(
        EntryHeader(
            index: LogIndex(7), term: Term(3), logTime: LogTime(5_000_000), wallTime: WallTime(1), kind: .command,
            payloadCount: 0),
        payload: 0..<0)

    static func summary(_ items: [JournalInspector.Item]) throws -> JournalSummary {
        var summary = JournalSummary(owner: DirectoryIdentity(node: NodeID(2), incarnation: Incarnation(9)))
        for item in items { try summary.take(item) }
        return summary
    }

    @Test func aSummaryIsWhatTheWalkComesTo() throws {
        let damage = JournalError.corrupt(file: "journal/a.seg", offset: 512, reason: "it is bent")
        let summary = try Self.summary([
            Self.segment, Self.batch, .record(.hardState(term: Term(4), votedFor: NodeID(1))), .record(Self.entry),
            .end(name: "journal/a.seg", offset: 224, isClear: false), .damage(damage),
            .damage(.corrupt(file: "other", offset: 1, reason: "later")),
        ])
        let text = JSON.object(summary.members).text
        #expect(text.contains(#"{"node": 2, "incarnation": "0000000000000009", "cluster": null, "term": 4"#))
        #expect(text.contains(#""last": 7, "commit": 6, "segment_count": 1, "batch_count": 1, "entry_count": 1"#))
        #expect(text.contains(#""torn": {"file": "journal/a.seg", "offset": 224}"#))
        #expect(text.hasSuffix(#""first_bad": {"file": "journal/a.seg", "offset": 512, "reason": "it is bent"}}"#))
        #expect(summary.table.contains("first bad    journal/a.seg at offset 512: it is bent\n"))
    }

    @Test func aDiskThatCannotBeReadIsNoPropertyOfTheJournal() throws {
        let error = JournalError.disk(DiskError(.failed(code: 5)), call: "read", file: "journal/a.seg")
        #expect(throws: error) { _ = try Self.summary([.damage(error)]) }
    }

    @Test func aMembershipTellsWhoVotes() throws {
        let members = (1...4 as ClosedRange<UInt64>).map {
            Member(id: NodeID($0), peerAddress: "p:\($0)", clientAddress: "c:\($0)", incarnation: Incarnation($0))
        }
        func words(_ voters: [UInt64], _ outgoing: [UInt64], _ learners: [UInt64]) throws -> String {
            let membership = try #require(
                Membership(
                    clusterID: ClusterID(high: 1, low: 2), members: members, voters: voters.map { NodeID($0) },
                    outgoing: outgoing.map { NodeID($0) }, learners: learners.map { NodeID($0) }))
            let payload = membership.encoded()
            let header = EntryHeader(
                index: LogIndex(1), term: Term(1), logTime: .zero, wallTime: WallTime(1), kind: .membership,
                payloadCount: payload.count)
            return JournalItem.words(.entry(header, payload: 0..<payload.count), payload: payload)
        }
        #expect(try words([1, 2, 3], [], [4]).contains(": voters 1, 2, 3; learners 4; 1=p:1/c:1 incarnation "))
        #expect(
            try words([1, 2, 4], [1, 2, 3], []).contains(": joint, voters of the new 1, 2, 4 and of the old 1, 2, 3; "))
    }

    @Test func theWholeIsOneValueAndALineEach() throws {
        let items: [JournalInspector.Item] = [
            Self.segment, Self.batch, .record(.truncation(after: LogIndex(3))), Self.batch, Self.segment,
        ]
        func text(_ format: OutputFormat) throws -> String {
            var writer = JournalWriter(format: format, summary: try Self.summary(items))
            for item in items { writer.write(item) }
            writer.finish()
            return writer.take()
        }
        let json = try text(.json)
        #expect(json.hasSuffix("\"batches\": []}]}\n"))
        #expect(json.contains(#""records": [{"kind": "truncation", "after": 3}]}, {"kind": "batch""#))
        #expect(json.filter { $0 == "{" }.count == json.filter { $0 == "}" }.count)
        #expect(json.filter { $0 == "[" }.count == json.filter { $0 == "]" }.count)
        let lines = try text(.jsonl).split(separator: "\n")
        #expect(lines.count == 1 + items.count)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"kind\": ") && $0.hasSuffix("}") })
        #expect(try text(.table).contains("    entries behind 3 are void\n"))
    }

    @Test func anEntrysCommandIsToldInWords() {
        var payload: [UInt8] = []
        LeaseMachine::Command.renew([Renewal(claim: ClaimID(5), name: "jobs/a")]).encode(into: &payload)
        #expect(JournalItem.words(Self.entry, payload: payload) == "entry 7 term 3 at 5ms renew jobs/a claim 5")
        #expect(JournalItem.record(Self.entry, payload: [1]).text.contains("1 bytes that this build cannot read"))
    }
}
