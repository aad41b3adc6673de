import LeaseholdBase
import Testing

@testable import Simulator

/// Turns of processes, and what a heal makes of those to come.
@Suite struct TurnTests {
    /// A process that counts its turns, and stands still in each if it is to.
    private final class Counting: SimulatedProcess {
        var begun = 0
        var steps = 0
        var standsFor: UInt64?

        override func beginTurn(_ world: World) {
            begun += 1
            inbox = []
            guard let time = standsFor else { return }
            // Something reaches it in the middle of its turn.
            world.deliver(.stopAsked, to: self)
            isInTurn = true
            world.standStill(self, for: time)
        }

        override func goOn(_ world: World) {
            steps += 1
            isInTurn = false
            inbox = []
        }
    }

    private func standing() -> (World, Counting) {
        let world = World(Plan(seed: 1))
        let process = Counting(
            place: world.processes.count, label: "it", clock: SimulatedClock(rate: 0, showing: 0))
        process.isUp = true
        world.processes.append(process)
        world.network.addProcess()
        return (world, process)
    }

    @Test func aProcessThatIsHealedWhileItsTurnIsToComeTakesOne() {
        let (world, process) = standing()
        world.pause(process, for: .seconds(5))
        world.deliver(.stopAsked, to: process)
        world.run(for: .seconds(1))
        #expect(process.begun == 0)
        world.heal()
        world.run(for: .milliseconds(1))
        #expect(process.begun == 1)
        world.run(for: .seconds(10))
        #expect(process.begun == 1)
    }

    /// What a signal stopped is gone with the process; what a suspension stops is the machine.
    @Test func aProcessThatIsStartedAnewRunsUnlessItsMachineIsSuspended() {
        let world = World(Plan(seed: 1))
        let client = world.addClient()
        world.pause(client, for: .seconds(5))
        #expect(client.isStopped(at: world.now))
        world.crash(client)
        world.start(client)
        #expect(!client.isStopped(at: world.now))
        client.suspendedUntil = world.now + 1_000_000_000
        world.pause(client, for: .seconds(5))
        world.crash(client)
        world.start(client)
        #expect(client.isStopped(at: world.now) && !client.isStopped(at: world.now + 1_000_000_000))
    }

    /// Leaving the end of an earlier life out of a plan leaves the draws of a later one as they were.
    @Test func aLifesDrawsFollowFromTheFaultThatEndedTheLast() {
        let process = { Counting(place: 0, label: "it", clock: SimulatedClock(rate: 0, showing: 0)) }
        let (all, fewer) = (process(), process())
        for _ in 0..<3 {
            all.beginLife()
            all.struckBy = 4
        }
        all.beginLife()
        fewer.beginLife()
        for process in [all, fewer] {
            process.struckBy = 9
            process.beginLife()
        }
        #expect(all.life == 5 && fewer.life == 2 && all.lifeKey == fewer.lifeKey)
        let key = all.lifeKey
        all.beginLife()
        #expect(all.lifeKey != key && all.turns == 0)
    }

    @Test func dialsThatNobodyWaitsForAreForgotten() {
        var dials = DialTable()
        for tag in 0..<10_000 as Range<UInt64> {
            let number = dials.add(process: 1, life: 1, tag: tag, address: "a", at: 0)
            #expect(dials[number]?.tag == tag)
            if tag % 2 == 0 { dials.settle(number) } else { dials.settle(of: 1, tag: tag) }
            #expect(dials[number] == nil && dials.count <= 64)
        }
        let kept = dials.add(process: 2, life: 1, tag: 7, address: "a", at: 0)
        dials.settle(of: 1)
        #expect(dials[kept]?.process == 2)
        #expect(dials[0] == nil)
    }

    @Test func whatArrivesDoesNotCutShortHowLongAProcessStands() {
        let (world, process) = standing()
        process.standsFor = 3_000_000_000
        world.deliver(.stopAsked, to: process)
        world.run(for: .seconds(2))
        #expect(process.begun == 1 && process.steps == 0)
        world.run(for: .seconds(2))
        #expect(process.begun == 1 && process.steps == 1)
    }

    /// A directory that is lost behind the birth and before anything is committed bars nothing: the others come to life.
    @Test func aClusterThatLosesADirectoryBeforeItsFirstCommitComesToLife() throws {
        var plan = Plan(seed: 7)
        plan.core = [0, 1]
        let world = World(plan)
        world.startAll()
        #expect(world.run(for: .seconds(5)) { world.checks.areBorn })
        #expect(world.checks.committed == .zero)
        world.crash(world.nodes[2], losingPower: true)
        world.wipe(world.nodes[2])
        world.nodes[2].mayRefuse = true
        #expect(!world.atlas.entries.isEmpty && world.checks.committed == .zero)
        var healing = Healing(world: world, patience: .seconds(20))
        healing.run()
        #expect(healing.stuck == [] && world.violations == [])
        #expect(world.checks.committed > .zero)
    }
}
