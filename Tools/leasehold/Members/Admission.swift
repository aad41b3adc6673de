internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdReplica
internal import LeaseholdServer
package import LeaseholdSystem
package import LeaseholdWire
package import Raft

/// Takes a running node into a cluster: it is asked who it is, and the cluster is asked to have it as a learner.
///
/// Doing it twice is doing it once. A member that is reached elsewhere than the cluster knows is told so to the cluster.
package enum Admission {
    /// Takes in the node that answers at an address.
    /// - Parameter advertised: Where it is to say that its clients connect; nil for the address itself.
    /// - Returns: Who belongs to the cluster then.
    static func admit(
        nodeAt address: Endpoint, advertisedAs advertised: Endpoint? = nil, by session: inout ClientSession,
        within patience: Nanoseconds
    ) throws(CommandFailure) -> MemberList {
        let status = try status(at: address, within: patience)
        let known = try list(session.ask { (core, now) throws(SubmissionError) in try core.members(now: now) })
        guard let change = try change(by: status, at: advertised ?? address, in: known) else { return known }
        return try list(
            session.ask { (core, now) throws(SubmissionError) in
                try core.changeMembers(MemberRequest(change, knownLevel: status.levels.known), now: now)
            }
        )
    }

    /// What has to be changed for a node to be a member of a cluster and to be known where it is; nil when it is both.
    /// - Parameters:
    ///   - status: What the node says of itself.
    ///   - address: Where it is to say that its clients connect.
    ///   - known: Who belongs to the cluster.
    package static func change(
        by status: NodeStatus, at address: Endpoint, in known: MemberList
    ) throws(CommandFailure) -> MembershipChange? {
        let node = Member(
            id: status.identity.node, peerAddress: status.peerAddress, clientAddress: status.clientAddress,
            incarnation: status.identity.incarnation)
        guard status.cluster == .unborn || status.cluster == known.cluster else {
            throw CommandFailure(
                .wrongIdentity,
                "node \(node.id) at \(address) belongs to cluster \(status.cluster), and this is cluster \(known.cluster); only "
                    + "an empty directory can join")
        }
        guard Endpoint(node.clientAddress) == address else {
            throw CommandFailure(
                .memberRefused,
                "node \(node.id), which answers at \(address), says that its clients connect at \(node.clientAddress); name "
                    + "it by that, or start it with the addresses that it has now")
        }
        for text in [node.peerAddress, node.clientAddress] where Endpoint(text)?.isReachable != true {
            throw CommandFailure(
                .memberRefused,
                "node \(node.id) says that it is reached at \(text), where nobody reaches it; start it with an address of its "
                    + "machine, or with --advertise-client and --advertise-peer")
        }
        guard let item = known.members.first(where: { $0.member.id == node.id }) else { return .addLearner(node) }
        guard item.member.incarnation == node.incarnation else {
            throw CommandFailure(
                .memberRefused,
                "the cluster knows node \(node.id) by another data directory; give the new one a greater id, and remove "
                    + "the old one with leasehold member remove \(node.id)")
        }
        if item.member == node { return nil }
        return .setAddresses(node.id, peer: node.peerAddress, client: node.clientAddress)
    }

    /// The list in an answer.
    static func list(_ answer: RequestAnswer) throws(CommandFailure) -> MemberList {
        guard case .members(let list) = answer else { throw ClientSession.unexpected(answer) }
        return list
    }

    /// What the node at an address says of itself.
    static func status(at address: Endpoint, within patience: Nanoseconds) throws(CommandFailure) -> NodeStatus {
        let status: NodeStatus?
        do throws(SystemError) { status = try StatusQuery.status(at: address, within: patience) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
        guard let status else {
            throw CommandFailure(
                .unreachable,
                "no node that waits to join, or is a member, answers at \(address); it is started with leasehold serve --join"
            )
        }
        return status
    }
}

/// A node that joins, or has moved, asks the cluster to take it in or to know it where it is, beside its own loop, until it
/// is done.
struct Joining: Sendable {
    /// Where this node is asked who it is.
    let door: Endpoint
    /// Where it says that clients connect.
    let advertised: Endpoint
    /// Where the operator says that the cluster is.
    let cluster: [Endpoint]

    private static let pause: Nanoseconds = .seconds(1)
    private static let patience: Nanoseconds = .seconds(10)
    /// Of how many reasons not to be done each is told once.
    private static let toldMax = 16

    /// Begins to ask, on a thread of its own.
    func begin() throws(CommandFailure) {
        do throws(SystemError) {
            _ = try SystemThread(name: "leasehold-join") { ask() }
        } catch { throw CommandFailure(.ioError, "\(error)") }
    }

    private func ask() {
        var told: [String] = []
        var endpoints = cluster
        // The loop beside this one is about to begin.
        SystemClocks.sleep(.milliseconds(200))
        if (try? WhoseEndpoints.ask(cluster, within: .seconds(1)))?.isEmpty == true {
            let list = cluster.map(\.description).joined(separator: ", ")
            LogWriter().write(LogLine(.warning, "not_taken_in", "no node answers at \(list); tried on"))
        }
        while true {
            do throws(CommandFailure) {
                var session = try ClientSession(endpoints, Self.patience)
                _ = try Admission.admit(nodeAt: door, advertisedAs: advertised, by: &session, within: Self.patience)
                return
            } catch {
                // What cannot pass is for the operator to mend: here, or, of a node that is refused, in the cluster.
                let isFinal = [.levelUnsupported, .wrongIdentity].contains(error.code)
                if !told.contains(error.message) {
                    let message = "\(error.message) (\(error.code.rawValue))"
                    let level: LogLevel = isFinal || error.code == .memberRefused ? .error : .warning
                    LogWriter().write(LogLine(level, "not_taken_in", message))
                    told = told.suffix(Self.toldMax - 1) + [error.message]
                }
                if isFinal { return }
            }
            SystemClocks.sleep(Self.pause)
            // The nodes that the operator names may have moved too: every other time those are asked that this one knows.
            endpoints = endpoints == cluster ? membersKnown : cluster
        }
    }

    /// Where the clients of those members connect that this node knows; where the cluster is said to be when it knows none.
    private var membersKnown: [Endpoint] {
        guard let status = try? Admission.status(at: door, within: Self.patience), !status.members.isEmpty else {
            return cluster
        }
        return status.members.compactMap { Endpoint($0.clientAddress) }
    }
}
