import LeaseholdBase

@testable import Raft

/// Nodes that were started with the same list, over a network that loses and delays, with directories that can be
/// wiped. What is not stored is forgotten in a crash; the incarnation is the directory's.
final class BirthCluster {
    struct Node {
        var birth: Birth?
        var incarnation: Incarnation
        var stored: BirthEntry?
        var storing: BirthEntry?
        var refusals: [BirthRefusal] = []
        var started: BirthEntry?
    }

    enum Event {
        case deliver(from: NodeID, to: NodeID, BirthMessage)
        case stored(NodeID, Incarnation, life: Int)
    }

    var nodes: [NodeID: Node] = [:]
    var lives: [NodeID: Int] = [:]
    let ids: [NodeID]
    var queue = EventQueue<Event>()
    var time: UInt64 = 1_000_000
    var random: RandomSource
    var loss: UInt64 = 0
    /// How many effects are still done before the process of this node dies, in the midst of a step.
    var effectsUntilCrash: [NodeID: Int] = [:]

    init(_ count: UInt64, seed: UInt64) {
        ids = (1...count).map { NodeID($0) }
        random = RandomSource(seed: seed)
        for id in ids { nodes[id] = Node(birth: nil, incarnation: incarnation(id.rawValue)) }
    }

    var now: TimeReading { TimeReading(steady: SteadyTime(time), wall: WallTime(time)) }
    var clusters: Set<ClusterID> { Set(ids.compactMap { nodes[$0]?.stored?.membership.clusterID }) }

    func start(_ id: NodeID, listed: [UInt64]? = nil) {
        guard let node = nodes[id], node.birth == nil else { return }
        lives[id, default: 0] += 1
        if node.stored != nil { return }
        let configuration = BirthConfiguration(
            id: id, incarnation: node.incarnation, listed: members(listed ?? ids.map(\.rawValue)))
        nodes[id]?.birth = Birth(configuration: configuration, seed: random.next(), now: now)
    }

    func startAll() { for id in ids { start(id) } }

    func crash(_ id: NodeID) {
        lives[id, default: 0] += 1
        nodes[id]?.birth = nil
        nodes[id]?.storing = nil
        nodes[id]?.started = nil
    }

    func wipe(_ id: NodeID) {
        crash(id)
        nodes[id]?.stored = nil
        nodes[id]?.refusals = []
        nodes[id]?.incarnation = Incarnation(random.next() | 1)
    }

    func run(_ milliseconds: UInt64) {
        let end = time + milliseconds * 1_000_000
        while true {
            var next = queue.nextTime ?? .max
            for id in ids { if let deadline = nodes[id]?.birth?.deadline { next = min(next, deadline.rawValue) } }
            guard next <= end else { break }
            time = max(time, next)
            if let id = ids.first(where: { (nodes[$0]?.birth?.deadline ?? .never).rawValue <= time }) {
                step(id, .tick)
            } else if let event = queue.next() {
                switch event {
                case .deliver(let from, let to, let message): receive(message, from: from, to: to)
                case .stored(let id, _, let life):
                    guard lives[id] == life, let entry = nodes[id]?.storing else { break }
                    nodes[id]?.stored = entry
                    step(id, .stored)
                }
            }
        }
        time = end
    }

    private func receive(_ message: BirthMessage, from: NodeID, to: NodeID) {
        if nodes[to]?.birth != nil { return step(to, .received(from: from, message)) }
        // A node that was started again with its birth entry answers as one that is born.
        if let stored = nodes[to]?.stored, case .presence(_, let incarnation, _) = message {
            send(
                Birth.answer(
                    toPresenceOf: from, incarnation, membership: stored.membership, birthPayload: stored.payload),
                from: to, to: from)
        }
    }

    private func step(_ id: NodeID, _ event: BirthEvent) {
        var effects: [BirthEffect] = []
        nodes[id]?.birth?.step(event, now: now, into: &effects)
        for effect in effects {
            if let left = effectsUntilCrash[id] {
                effectsUntilCrash[id] = left - 1
                if left == 0 {
                    effectsUntilCrash[id] = nil
                    return crash(id)
                }
            }
            switch effect {
            case .send(let to, let message): send(message, from: id, to: to)
            case .store(let entry):
                nodes[id]?.storing = entry
                queue.add(
                    .stored(id, nodes[id]?.incarnation ?? .unknown, life: lives[id] ?? 0), at: time + 1_000_000)
            case .born(let entry): nodes[id]?.started = entry
            case .refused(_, let refusal): nodes[id]?.refusals.append(refusal)
            }
        }
    }

    private func send(_ message: BirthMessage, from: NodeID, to: NodeID) {
        if loss > 0, random.chance(loss, in: 100) { return }
        queue.add(.deliver(from: from, to: to, message), at: time + UInt64(random.integer(in: 50_000...40_000_000)))
    }
}
