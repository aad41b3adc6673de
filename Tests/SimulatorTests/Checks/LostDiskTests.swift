import LeaseholdBase
import Raft
import Testing

@testable import Simulator

/// What becomes of disks that are lost: they count for what they held, and nobody may go on with one as if it were whole.
@Suite struct LostDiskTests {
    private func working(_ seed: UInt64, core: [Int] = [0, 1]) -> World {
        var plan = Plan(seed: seed)
        plan.core = core
        let world = World(plan)
        world.startAll()
        for _ in 0..<2 { world.addClient() }
        world.run(for: .seconds(3))
        return world
    }

    @Test func anEmptiedDirectoryCountsForWhatItHeldAndForNothingMore() throws {
        let world = working(1)
        let node = world.nodes[2]
        world.crash(node, losingPower: true)
        let last = DurableImage(of: node, world.plan).lastIndex
        world.wipe(node)
        let term = try #require(world.checks.ledger.term(at: last))
        #expect(last > .zero && QuorumImages.holds(node, last, term, world))
        world.run(for: .seconds(2))
        let later = world.checks.committed
        let laterTerm = try #require(world.checks.ledger.term(at: later))
        #expect(later > last && !QuorumImages.holds(node, later, laterTerm, world))
        #expect(QuorumImages.holds(world.nodes[0], last, term, world))
    }

    @Test func aDamagedDiskCountsForWhatWasWrittenOnIt() throws {
        let world = working(2)
        let node = world.nodes[2]
        world.crash(node, losingPower: true)
        let last = DurableImage(of: node, world.plan).lastIndex
        #expect(node.disk.strike(.rot, isSeen: true, &world.atlas, at: world.now))
        #expect(DurableImage(of: node, world.plan).lastIndex == last)
        world.run(for: .seconds(2))
        let later = world.checks.committed
        #expect(!QuorumImages.holds(node, later, try #require(world.checks.ledger.term(at: later)), world))
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func whatAStartMustNoticeIsKnown(seed: UInt64) {
        let world = working(seed)
        let node = world.nodes[2]
        #expect(world.atlas.toBeNoticed(by: 2, on: node.disk) == nil)
        world.crash(node, losingPower: true)
        #expect(node.disk.strike(.lostWrite, isSeen: false, &world.atlas, at: world.now))
        // The cache hides it until the power is lost.
        #expect(world.atlas.toBeNoticed(by: 2, on: node.disk) == nil)
        world.losePower(node)
        #expect(world.atlas.toBeNoticed(by: 2, on: node.disk) != nil)
        world.start(node)
        #expect(!node.isUp && world.violations == [] && world.figures.damageNoticed == 1)
    }

    /// A node that starts on damage that it must notice is found: here it starts on the disk as it should be.
    @Test func aNodeThatStartsInSpiteOfDamageIsFound() {
        let world = working(3)
        let node = world.nodes[2]
        world.crash(node, losingPower: true)
        let whole = node.disk
        #expect(node.disk.strike(.lostWrite, isSeen: true, &world.atlas, at: world.now))
        let damages = node.disk.damages
        node.disk = whole
        // What the disk says of itself; what is read from it is whole.
        node.disk.damages = damages.map {
            var damage = $0
            damage.intended = damage.intended.map { ~$0 }
            return damage
        }
        world.start(node)
        #expect(world.violations.map(\.property) == [9])
    }
}
