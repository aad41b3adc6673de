import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Testing

@Suite struct LevelTests {
    private let second = Member(
        id: NodeID(2), peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4", incarnation: Incarnation(77))

    /// A cluster of one whose program understands level 2.
    private func raised(_ configure: (inout ReplicaConfiguration) -> Void = { _ in }) throws -> LoneNode {
        var node = try LoneNode {
            $0.knownLevel = 2
            configure(&$0)
        }
        for _ in 0..<200 where node.replica.machine.settings.level < 2 {
            node.time += 10_000_000
            node.turn()
        }
        #expect(node.replica.machine.settings.level == 2)
        return node
    }

    private func reopened(_ node: LoneNode, knowing level: UInt64) throws -> Replica {
        var disk = node.disk
        var configuration = node.replica.configuration
        configuration.knownLevel = level
        return try Replica.open(configuration, disk: &disk, seed: 9, now: node.now)
    }

    @Test func aNodeByItselfRaisesTheLevelAndTellsIt() throws {
        var node = try raised()
        let answer = try #require(try node.ask(.status, []))
        let status = try NodeStatus(decoding: answer.body.span.bytes)
        #expect(status.levels == CommandLevels(known: 2, inForce: 2))
        let last = node.replica.raft.lastIndex
        for _ in 0..<50 {
            node.time += 10_000_000
            node.turn()
        }
        #expect(node.replica.raft.lastIndex <= last + 1)
    }

    @Test func nothingIsRaisedAboveWhatIsUnderstood() throws {
        var node = try LoneNode()
        for _ in 0..<300 {
            node.time += 10_000_000
            node.turn()
        }
        #expect(node.replica.machine.settings.level == 1)
    }

    @Test func aMemberThatHasNotToldHoldsTheLevelDown() throws {
        var node = try LoneNode()
        var body: [UInt8] = []
        MemberRequest(.addLearner(second)).encode(into: &body)
        #expect(try node.ask(.changeMembers, body)?.head.kind == .members)
        var later = node
        var configuration = node.replica.configuration
        configuration.knownLevel = 2
        later.replica = try Replica.open(configuration, disk: &later.disk, seed: 9, now: later.now)
        for _ in 0..<400 {
            later.time += 10_000_000
            later.turn()
        }
        #expect(later.replica.isLeader && later.replica.machine.settings.level == 1)
    }

    @Test func anOlderProgramIsNotTakenIn() throws {
        var node = try raised()
        func ask(_ known: UInt64?) throws -> LoneNode.Answer? {
            var body: [UInt8] = []
            let request = MemberRequest(.addLearner(second), knownLevel: known ?? 1)
            request.encode(into: &body)
            // A program that does not tell a level is of the first.
            if known == nil { body = Array(body.dropLast(10)) + [0, 0] }
            return try node.ask(.changeMembers, body)
        }
        for known in [nil, 1] as [UInt64?] {
            let answer = try #require(try ask(known))
            #expect(answer.head.kind == .refused)
            let refusal = try Refusal(decoding: answer.body.span.bytes)
            #expect(refusal.code == .levelUnsupported && !refusal.code.mayPass)
            #expect(refusal.message.contains("level 2") && refusal.message.contains("levels up to 1"))
        }
        #expect(try ask(2)?.head.kind == .members)
    }

    @Test func nobodyIsTakenInWhileARaiseIsUnderWay() throws {
        func change(_ change: MembershipChange, of node: inout LoneNode) throws -> LoneNode.Answer {
            var body: [UInt8] = []
            MemberRequest(change).encode(into: &body)
            return try #require(try node.ask(.changeMembers, body))
        }
        // A member that says nothing holds the level down until it is let go.
        var node = try LoneNode()
        #expect(try change(.addLearner(second), of: &node).head.kind == .members)
        node.replica = try reopened(node, knowing: 2)
        for _ in 0..<400 where !(node.replica.isLeader && node.replica.raft.hasCommittedInTerm) {
            node.time += 10_000_000
            node.turn()
        }
        node.greet()
        #expect(try change(.remove(NodeID(2)), of: &node).head.kind == .members)
        let before = node.replica.raft.lastIndex
        node.diskWorks = false
        node.turn()
        #expect(node.replica.raft.lastIndex == before + 1 && node.replica.machine.settings.level == 1)
        var third = second
        (third.id, third.incarnation) = (NodeID(3), Incarnation(78))
        let answer = try change(.addLearner(third), of: &node)
        #expect(answer.head.kind == .refused)
        let refusal = try Refusal(decoding: answer.body.span.bytes)
        #expect(refusal.code == .changeUnderWay && refusal.code.mayPass && refusal.retryAfter > .zero)
        #expect(node.replica.raft.membership.member(NodeID(3)) == nil)
    }

    @Test func anOlderProgramDoesNotStartOnWhatALaterOneLeft() throws {
        var node = try raised()
        // With what follows, the journal learns that the raise is committed.
        for sequence in 1...3 as ClosedRange<UInt64> { _ = try node.acquire("jobs/a", sequence: sequence) }
        #expect(try reopened(node, knowing: 2).machine.settings.level == 2)
        let error = #expect(throws: JournalError.self) { try reopened(node, knowing: 1) }
        #expect(error?.code == "not_supported")
        let words = error?.description ?? ""
        #expect(words.contains("level of commands to 2") && words.contains("levels up to 1"))
    }

    @Test func anOlderProgramDoesNotStartOnASnapshotOfALaterOne() throws {
        var node = try raised {
            $0.snapshots.age = .milliseconds(100)
            $0.snapshots.logBytes = 1
            $0.retainedTailBytes = 0
        }
        for sequence in 1...40 as ClosedRange<UInt64> {
            _ = try node.acquire("jobs/\(sequence)", sequence: sequence)
            node.time += 100_000_000
            node.turn()
        }
        #expect(node.replica.journal.snapshot != nil)
        #expect(try reopened(node, knowing: 2).machine.settings.level == 2)
        let error = #expect(throws: JournalError.self) { try reopened(node, knowing: 1) }
        #expect(error?.code == "not_supported" && error?.description.contains("levels up to 1") == true)
    }

    @Test func noClientSpeaksForTheCluster() throws {
        var node = try LoneNode()
        let command = Settings.raise(to: 1, newestSeen: node.replica.appliedLogTime)
        node.give(node.frame(command, correlation: 5))
        node.turn()
        #expect(try node.takeAnswers().first?.head.kind == .declined)
    }
}
