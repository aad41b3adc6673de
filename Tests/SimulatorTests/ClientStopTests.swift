import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import Testing

@testable import Simulator

/// Clients that are asked to end.
@Suite struct ClientStopTests {
    private func world(seed: UInt64, names: Int = 6) -> World {
        var plan = Plan(seed: seed)
        plan.work.names = names
        plan.work.holdAtLeast = 3_000
        plan.work.restAtMost = 60
        return .allStarted(plan)
    }

    /// Stops one that holds something, and answers it.
    private func stopOne(_ world: World) throws -> (client: SimulatedClient, claims: [ClaimID]) {
        #expect(world.run(for: .seconds(60)) { world.clients.contains { $0.held.count > 1 } })
        let client = try #require(world.clients.first { $0.held.count > 1 })
        let claims = client.held.map(\.facts.claim)
        client.stop(world)
        return (client, claims)
    }

    @Test func whatAStoppedClientHeldIsFree() throws {
        for seed in UInt64(1)...5 {
            let world = world(seed: seed)
            defer { world.end() }
            let (client, claims) = try stopOne(world)
            #expect(world.run(for: .seconds(20)) { !client.isUp })
            #expect(client.tally.stops == 1 && client.held.isEmpty && world.violations == [])
            guard client.tally.releasesFailed == 0 else { continue }
            // What it had no time to release is lost for that reason.
            let left = world.checks.claims.alive.filter { claims.contains($0.tenure.claim) }
            #expect(left.count <= client.tally.lost)
        }
    }

    @Test func aClientThatReachesNobodyIsToldThatItsReleasesFailed() throws {
        let world = world(seed: 1)
        defer { world.end() }
        #expect(world.run(for: .seconds(60)) { world.clients.contains { $0.held.count > 1 } })
        let client = try #require(world.clients.first { $0.held.count > 1 })
        for tenure in client.held { tenure.hangsAt = .never }
        world.cut([client.place], Array(world.nodes.indices))
        client.stop(world)
        #expect(world.run(for: .seconds(20)) { !client.isUp })
        #expect(client.tally.releasesFailed > 0 && world.violations == [])
    }

    @Test func someFindNoRoomForTheirReleasesAtFirst() throws {
        var delayed = 0
        for seed in UInt64(1)...60 where delayed == 0 {
            let world = world(seed: seed)
            defer { world.end() }
            let (client, _) = try stopOne(world)
            #expect(world.run(for: .seconds(20)) { !client.isUp })
            #expect(world.violations == [])
            delayed = client.tally.releasesDelayed
        }
        #expect(delayed > 0)
    }

    /// What becomes of each tenure is told once.
    @Test func accountsNoteWhatWasToldTwiceOrNever() {
        var accounts = SimulatedClient.Accounts()
        for claim in UInt64(1)...3 { accounts.begin(ClaimID(claim)) }
        accounts.settle(ClaimID(1))
        accounts.end(ClaimID(2))
        #expect(accounts.open == [ClaimID(3)] && accounts.toldTwice.isEmpty && accounts.over == [ClaimID(2)])
        accounts.fail(ClaimID(2))
        #expect(accounts.toldTwice == [ClaimID(2)])
    }
}
