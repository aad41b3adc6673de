import LeaseholdBase
import LeaseholdReplica
import Raft

/// The time after healing in which a majority is well, clients are busy, and the rest of the nodes are a nuisance: gone,
/// deaf, mute, coming and going, as those that were given up are anyway. Where everybody was healed, a minority is lost for
/// that time.
///
/// What is promised of time shows here: that nobody's terms grow (property 23), that what is abandoned comes free (16), and
/// that clients get their work done (22). A node that nobody hears or that hears nobody must not disturb those that are
/// well, nor lead on.
struct Strain {
    let world: World
    /// How long it lasts.
    private var time: Nanoseconds { Self.length(world.plan) }

    init(_ world: World) { self.world = world }

    /// How long it lasts in the run of a plan: a short one is for a quick look.
    static func length(_ plan: Plan) -> Nanoseconds {
        let drawn = 20_000 + Int64(plan.draws.below(10_001, .plan, 0, 80))
        return .milliseconds(plan.trouble < 30_000 ? Int64(max(0, plan.trouble / 3)) : drawn)
    }

    /// The last part of it, in which clients must get something done.
    static let lastPart = Nanoseconds.seconds(10)

    /// Lets the time pass; answers whether clients got done in the last part of it what takes a leader, as far as there was
    /// a majority that could have one: a change of members that was under way may have made those who are lost too many.
    func run() -> Bool {
        let lost = nuisance()
        let isLong = time > Self.lastPart
        if isLong { world.run(for: time - Self.lastPart) }
        let before = workDone
        world.run(for: isLong ? Self.lastPart : time)
        let isWorking = workDone > before || !isLong || world.clients.isEmpty || isTooMany(lost)
        if !lost.isEmpty { world.mend(lost) }
        return isWorking
    }

    private func isTooMany(_ lost: [SimulatedNode]) -> Bool {
        world.plan.members != nil && !world.membership.isQuorum { voter in !lost.contains { $0.id == voter } }
    }

    private var workDone: Int { world.clients.reduce(0) { $0 + $1.tally.committed } }

    /// Loses a minority of those that were healed, if that is everybody; answers whom.
    private func nuisance() -> [SimulatedNode] {
        guard world.core.count == world.nodes.count else { return [] }
        // Where operators change who votes, a minority of those who do now.
        let isSettled = world.plan.members == nil
        let voters = world.membership.voters.compactMap { world.node($0) }
        let nodes = isSettled ? world.nodes : voters
        guard nodes.count > 2, isSettled || !world.membership.isJoint else { return [] }
        let kind = isSettled ? world.draws.below(4, .plan, 0, 81) : 3
        if kind == 0, let lost = loseTheOneBehind() { return lost }
        if kind < 3, let lost = laming() { return lost }
        let most = UInt64((nodes.count - 1) / 2)
        let count = Int(1 + world.draws.below(most, .plan, 0, 82))
        // Half of the time the leader is among them.
        var first = Int(world.draws.below(UInt64(nodes.count), .plan, 0, 83))
        if world.draws.below(2, .plan, 0, 84) == 0, let leader = nodes.first(where: { $0.isLeading }) {
            first = nodes.firstIndex { $0.place == leader.place } ?? 0
        }
        let lost = (0..<count).map { nodes[(first + $0) % nodes.count] }
        for node in lost {
            let ways = Severance.allCases
            let way = ways[Int(world.draws.below(UInt64(ways.count), .plan, node.place, 85))]
            world.sever(node, way, for: time, isForGood: false)
        }
        return lost
    }

    /// Of five nodes, leaves the leader with a single follower, and one of the others dead: the rest are a majority together
    /// with that follower, who votes for nobody as long as it hears the leader.
    private func laming() -> [SimulatedNode]? {
        let nodes = world.nodes
        guard nodes.count == 5, let leader = nodes.first(where: { $0.isLeading }) else { return nil }
        let others = (1...4).map { nodes[(leader.place + $0) % 5] }
        world.cut([leader.place], others.dropFirst().map(\.place))
        world.sever(others[3], .dead, for: time, isForGood: false)
        return [leader, others[3]]
    }

    /// Leaves a majority in which the node with the newest term has not the longest log, and the others do not know that
    /// term: a candidate is cut off before anybody hears of its campaign, the leader works on without it, and then is gone.
    private func loseTheOneBehind() -> [SimulatedNode]? {
        let nodes = world.nodes
        let quorum = nodes.count / 2 + 1
        guard nodes.allSatisfy(\.isUp), let leader = nodes.first(where: { $0.isLeading }) else { return nil }
        // Whoever loses its connection to the leader may ask at once, and gets what it asks for from those like it.
        world.resetConnections(of: leader.place)
        let isSeen = world.run(for: .seconds(1)) { nodes.contains { $0.isCandidate } }
        guard isSeen, let candidate = nodes.first(where: { $0.isCandidate }) else { return nil }
        world.sever(candidate, .cut, for: time, isForGood: false)
        world.run(for: .seconds(1))
        let followers = nodes.filter { $0.place != candidate.place && $0.place != leader.place }
        let lost = [leader] + followers.dropFirst(quorum - 1)
        for node in lost { world.sever(node, .dead, for: time, isForGood: false) }
        world.mend([candidate])
        return lost
    }
}

extension SimulatedNode {
    /// Whether it takes itself for the leader.
    fileprivate var isLeading: Bool { running?.replica.raft.isLeader == true }
    /// Whether it asks for votes, or is about to.
    fileprivate var isCandidate: Bool { running?.replica.raft.currentRole == .candidate }
}
