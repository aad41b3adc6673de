internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdServer
internal import LeaseholdSystem
internal import LeaseholdWire
internal import Raft

/// Takes a running node into a cluster: it is asked who it is, and the cluster is asked to have it as a learner.
///
/// Doing it twice is doing it once. A member that is reached elsewhere than the cluster knows is told so to the cluster.
enum Admission {
    /// Takes in the node that answers at an address.
    /// - Returns: Who belongs to the cluster then.
    static func admit(
        nodeAt address: Endpoint, by session: inout ClientSession, within patience: Nanoseconds
    ) throws(CommandFailure) -> MemberList {
        let (node, level) = try member(at: address, within: patience)
        let known = try list(session.ask { (core, now) throws(SubmissionError) in try core.members(now: now) })
        let change: MembershipChange
        if let item = known.members.first(where: { $0.member.id == node.id }) {
            guard item.member.incarnation == node.incarnation else {
                throw CommandFailure(
                    .memberRefused,
                    "the cluster knows node \(node.id) by another data directory; give the new one a greater id, and remove "
                        + "the old one with leasehold member remove \(node.id)")
            }
            if item.member == node { return known }
            change = .setAddresses(node.id, peer: node.peerAddress, client: node.clientAddress)
        } else {
            change = .addLearner(node)
        }
        return try list(
            session.ask { (core, now) throws(SubmissionError) in
                try core.changeMembers(MemberRequest(change, knownLevel: level), now: now)
            }
        )
    }

    /// The list in an answer.
    static func list(_ answer: RequestAnswer) throws(CommandFailure) -> MemberList {
        guard case .members(let list) = answer else { throw ClientSession.unexpected(answer) }
        return list
    }

    /// What the node at an address says of itself, and the greatest level of commands that it understands.
    private static func member(
        at address: Endpoint, within patience: Nanoseconds
    ) throws(CommandFailure) -> (Member, level: UInt64) {
        let statuses: [NodeStatus]
        do throws(SystemError) { statuses = try StatusQuery.gather(from: [address], within: patience) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
        // It names members once it has heard of some, and those are asked too.
        guard let status = statuses.first(where: { Endpoint($0.clientAddress) == address }) else {
            throw CommandFailure(
                .unreachable,
                "no node that waits to join answers at \(address); it is started with leasehold serve --join")
        }
        let member = Member(
            id: status.identity.node, peerAddress: status.peerAddress, clientAddress: status.clientAddress,
            incarnation: status.identity.incarnation)
        return (member, status.levels.known)
    }
}

/// A node that joins asks the cluster to take it in, beside its own loop, until it is.
enum Joining {
    private static let pause: Nanoseconds = .seconds(1)
    private static let patience: Nanoseconds = .seconds(10)

    /// Begins to ask, on a thread of its own.
    static func begin(_ own: Endpoint, at cluster: [Endpoint]) throws(CommandFailure) {
        do throws(SystemError) {
            _ = try SystemThread(name: "leasehold-join") { ask(own, at: cluster) }
        } catch { throw CommandFailure(.ioError, "\(error)") }
    }

    private static func ask(_ own: Endpoint, at cluster: [Endpoint]) {
        var told: String?
        // The loop beside this one is about to begin.
        SystemClocks.sleep(.milliseconds(200))
        while true {
            do throws(CommandFailure) {
                var session = try ClientSession(cluster, patience)
                _ = try Admission.admit(nodeAt: own, by: &session, within: patience)
                return
            } catch {
                if error.message != told { tell(error) }
                told = error.message
                // What cannot pass is for the operator to mend.
                if error.code == .memberRefused || error.code == .levelUnsupported { return }
            }
            SystemClocks.sleep(pause)
        }
    }

    private static func tell(_ failure: CommandFailure) {
        _ = StandardStream.error.write("not taken in by the cluster yet: \(failure.message)\n")
    }
}
