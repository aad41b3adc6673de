import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft
import Testing

@testable import Simulator

/// Disks that are slow, hang, or end the process, and what follows for the node.
@Suite struct DiskTimeTests {
    private func world(_ seed: UInt64, _ plan: (inout Plan) -> Void = { _ in }) -> (World, SimulatedNode) {
        var drawn = Plan(seed: seed)
        plan(&drawn)
        let world = World(drawn)
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        world.run(for: .seconds(1))
        return (world, world.nodes.first { $0.replica?.isLeader != true } ?? world.nodes[0])
    }

    @Test func aSlowDiskMakesTheStartSlow() {
        let (world, node) = world(31)
        world.crash(node, losingPower: true)
        node.disk.faults.slowFactor = 200
        world.start(node)
        world.run(for: .milliseconds(1))
        // The kernel takes connections in meanwhile, and nobody greets.
        #expect(node.isUp && node.turns == 0 || node.isTurnScheduled)
        #expect(node.disk.timeOfCalls(at: world.now) > 1_000_000)
        #expect(world.run(for: .seconds(10)) { node.replica?.raft.leader != nil })
        #expect(world.violations == [])
    }

    /// A write on a disk that hangs keeps the loop from everything else; syncs alone are moved to a thread.
    @Test(arguments: [true, false]) func aDiskThatHangsStopsTheLoopAtItsNextCall(isEverything: Bool) {
        let (world, node) = world(32)
        let end = world.now + 3_000_000_000
        node.disk.faults.stalledUntil = end
        if isEverything { node.disk.faults.hungUntil = end }
        // A new leader gives everybody something to write.
        if let leader = world.nodes.first(where: { $0.replica?.isLeader == true }) {
            world.crash(leader, losingPower: false)
            world.start(leader)
        }
        world.run(for: .milliseconds(2_500))
        let turns = node.turns
        world.run(for: .milliseconds(400))
        #expect(node.turns <= turns + 1)
        #expect(world.run(for: .seconds(5)) { node.turns > turns + 10 })
        #expect(world.violations == [])
    }

    @Test func aSyncThatHangsIsMeasuredAndLeavesTheLoop() {
        let (world, node) = world(33)
        node.disk.faults.stalledUntil = world.now + 400_000_000
        #expect(node.driver.placement.isInline)
        if let leader = world.nodes.first(where: { $0.replica?.isLeader == true }) {
            world.crash(leader, losingPower: false)
            world.start(leader)
        }
        #expect(world.run(for: .seconds(5)) { !node.driver.placement.isInline })
        #expect(world.violations == [])
    }

    @Test func aProcessThatIsKilledInACallLeavesAPartOfIt() {
        var disk = SimulatedDisk(draws: Draws(seed: 9))
        _ = disk.perform(DiskEffect(number: DiskNumber(1), operation: .create(FileID(1), name: "a")), bytes: [])
        var lengths: Set<Int> = []
        for number in 0..<40 as Range<UInt64> {
            var killed = disk
            for _ in 0..<number { _ = killed.draw(.diskCrash, below: 2) }
            killed.crashPoints = [CrashPoint(after: 0, .middle, losingPower: false)]
            let bytes = [UInt8](repeating: 7, count: 3_000)
            let write = DiskEffect(
                number: DiskNumber(2), operation: .write(FileID(1), offset: 0, bytes: 0..<bytes.count))
            _ = killed.perform(write, bytes: bytes)
            #expect(killed.isCrashDue && !killed.isPowerLossDue)
            killed.processEnded()
            lengths.insert(killed.contents("a").count)
            #expect(!killed.isCrashDue)
        }
        #expect(lengths.contains(0) && lengths.contains(3_000) && lengths.contains(512))
    }

    @Test func oneFaultsDrawsLeaveThoseOfOthersAlone() {
        var first = SimulatedDisk(draws: Draws(seed: 4))
        var second = first
        for _ in 0..<5 { _ = second.draw(.diskShort, below: 100) }
        let effect = DiskEffect(number: DiskNumber(1), operation: .sync(FileID(1)))
        for _ in 0..<20 { #expect(first.duration(of: effect, at: 0) == second.duration(of: effect, at: 0)) }
    }

    /// Two faults want a node down; the end of the one does not start it, though it could not start before.
    @Test func aNodeThatCouldNotStartWaitsForTheEndOfEveryFault() {
        let (world, node) = world(34)
        world.crash(node, losingPower: false)
        node.disk.faults.failingReads = 1
        world.start(node)
        #expect(!node.isUp)
        node.downHolds = 1
        world.run(for: .seconds(3))
        #expect(!node.isUp)
    }

    @Test func theEndOfOneErrorLeavesTheOthers() {
        let (world, node) = world(35) { plan in
            plan.faults = [
                Fault(number: 1, kind: .readError, at: 4_000, lasts: 5_000, target: .places([0])),
                Fault(number: 2, kind: .writeError, at: 4_001, lasts: 1, target: .places([0])),
            ]
        }
        guard world.now < 4_000_000_000 else { return }
        world.run(for: .milliseconds(4_100 - Int64(world.now / 1_000_000)))
        #expect(world.nodes[0].disk.faults.failingReads == 1)
        #expect(node.isUp && world.violations == [])
    }
}
