import LeaseMachine
import LeaseholdBase
import Raft
import Testing

@testable import Simulator

/// What operators change while a run goes on.
@Suite struct SettingsWorkTests {
    @Test func changesAreDrawnWithinWhatThereIs() {
        var (drawn, retentions) = (0, 0)
        for seed in 1...200 {
            let plan = Plan(profile: .swarm, seed: UInt64(seed))
            #expect(plan.changes.allSatisfy { $0.isKnown && $0.client < plan.clients && $0.at < plan.trouble })
            drawn += plan.changes.isEmpty ? 0 : 1
            retentions += plan.changes.filter { $0.settings.contains { $0.key == SettingKey.retention.rawValue } }.count
            #expect(plan.process.heartbeat * 5 <= plan.process.electionTimeout)
            #expect((150...500).contains(plan.process.electionTimeout))
        }
        #expect(drawn > 60 && retentions > 60)
    }

    @Test func trap24_whatIsForgottenIsRefusedAndDoneOnce() {
        var plan = Plan(seed: 3)
        plan.trouble = 30_000
        plan.changes = [
            SettingsChange(
                at: 500, client: 0,
                settings: [
                    .init(key: SettingKey.retention.rawValue, value: 1_000_000_000),
                    .init(key: SettingKey.expiriesPerEntry.rawValue, value: 1),
                    .init(key: SettingKey.endings.rawValue, value: 2),
                ])
        ]
        plan.faults = (0..<6).map { number in
            Fault(
                number: number + 1, kind: .clientPause, at: 3_000 + number * 4_000, lasts: 2_500,
                target: .places([plan.nodes + number % plan.clients]), strength: 0)
        }
        let report = Run(plan).run()
        #expect(report.violations == [] && report.stuck == [])
        let marks = report.coverage.names
        for mark in ["machine.tooOldByFloor", "machine.instanceForgotten", "machine.endingForgotten"] {
            #expect(marks.contains(mark))
        }
    }

    @Test func aLimitOnClaimsIsReachedAndChangedBack() {
        var plan = Plan(seed: 4)
        plan.trouble = 20_000
        plan.changes = [
            SettingsChange(at: 500, client: 1, settings: [.init(key: SettingKey.claims.rawValue, value: 1)])
        ]
        let report = Run(plan).run()
        #expect(report.violations == [] && report.stuck == [])
        #expect(report.coverage.names.contains("machine.overloaded"))
    }

    @Test func theModelRefusesWhatTheMachineRefuses() throws {
        var (machine, model, output) = (LeaseMachine(), ReferenceModel(), ApplyOutput())
        var sequence: UInt64 = 0
        func tell(_ changes: [SettingChange]) throws -> [Outcome?] {
            sequence += 1
            let head = RequestHead(
                request: RequestID(instance: ClientInstance(1), sequence: RequestSequence(sequence)),
                lowestUnanswered: RequestSequence(sequence), newestSeen: .zero)
            var bytes: [UInt8] = []
            Command.settings(head, changes).encode(into: &bytes)
            let stamp = EntryStamp(index: LogIndex(sequence), logTime: .zero, wallTime: WallTime(0))
            try machine.apply(bytes.span.bytes, at: stamp, into: &output)
            let header = EntryHeader(
                index: LogIndex(sequence), term: Term(1), logTime: .zero, wallTime: WallTime(0), kind: .command,
                payloadCount: bytes.count)
            return [output.outcome, model.apply(header, bytes).outcome]
        }
        let invalid: [Outcome?] = [.refused(.settingInvalid), .refused(.settingInvalid)]
        #expect(try tell([SettingChange(.claims, 0)]) == invalid)
        #expect(
            try tell([SettingChange(.ttlMinimum, 2_000_000_000), SettingChange(.ttlMaximum, 1_000_000_000)]) == invalid)
        #expect(try tell([SettingChange(.claims, 1)]) == [.settingsChanged, .settingsChanged])
        #expect(machine.settings == model.settings)
    }
}
