import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

/// A whole node on a restored directory.
@Suite struct RestoredNodeTests {
    private static func node(_ listed: ListedNode, on disk: SimulatedDisk) throws -> LoneNode {
        try LoneNode(on: disk) { configuration in
            (configuration.id, configuration.listed) = (listed.id, [listed])
        }
    }

    @Test func aRestoredNodeLeadsItsClusterKeepsTheQuarantineAndThenGrantsAboveEverything() throws {
        let backup = try DirectoryScript.threeLeases().saved().backup
        let held = try #require(backup.machine.lease(named: "jobs/a").holders.first)
        let (plan, disk) = try RestorationTests.restored(backup)
        var node = try Self.node(RestorationTests.node, on: disk)
        #expect(node.replica.isLeader && node.replica.journal.identity.cluster == plan.header.cluster)
        #expect(node.replica.machine.leaseCount == 3 && node.replica.appliedIndex >= plan.firstIndex)
        #expect(node.replica.machine.lease(named: "jobs/a").holders.first?.claim == held.claim)

        node.give(node.frame(.renew([Renewal(claim: held.claim)]), correlation: 50))
        node.turn()
        #expect(try node.takeAnswers().first?.outcome().1 == [.ended(.restored)])
        guard case .refused(.quarantined)? = try node.acquire("new", sequence: 100)?.outcome().0 else {
            Issue.record("granted in the quarantine")
            return
        }
        // The log's time runs only as long as the node is attentive.
        let begun = node.replica.appliedLogTime
        for _ in 0..<200 {
            node.time += 50_000_000
            node.turn()
        }
        #expect(node.replica.appliedLogTime - begun > .seconds(9))

        // What it has become is saved and restored again.
        var saved = node.disk
        saved.processEnded()
        let again = try StoppedNode(recoveredFrom: &saved, seed: 3)
        #expect(again.backup.machine.digest == node.replica.machine.digest)
        let next = try Restoration(
            again.backup, as: RestorationTests.node, at: RestorationTests.clock(7200), quarantine: false, seed: 4)
        #expect(next.firstIndex.rawValue > again.backup.header.lastIndex.rawValue + 1 << 40)
        #expect(again.backup.quarantineLeft > .seconds(86_000) && next.quarantine == .zero)
    }

    @Test func withoutAQuarantineItGrantsAtOnce() throws {
        let backup = try DirectoryScript.threeLeases().saved().backup
        let (plan, disk) = try RestorationTests.restored(backup, quarantine: false)
        var node = try Self.node(RestorationTests.node, on: disk)
        guard case .acquired(_, .holding(let token, _))? = try node.acquire("new", sequence: 100)?.outcome().0 else {
            Issue.record("not granted")
            return
        }
        #expect(token.rawValue > plan.firstIndex.rawValue && token.rawValue > 1_750_000_000 << 20)
    }

    @Test func aRestoredDirectoryIsThatOfItsNodeAndAddressAlone() throws {
        let backup = try DirectoryScript.threeLeases().saved().backup
        let (_, disk) = try RestorationTests.restored(backup)
        for listed in [
            ListedNode(id: NodeID(2), peerAddress: "10.0.0.9:7501", clientAddress: "10.0.0.9:7401"),
            ListedNode(id: NodeID(1), peerAddress: "10.0.0.9:7777", clientAddress: "10.0.0.9:7401"),
        ] {
            #expect(throws: JournalError.self) { try Self.node(listed, on: disk) }
        }
    }
}
