internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

/// The level of the cluster's commands: who understands which, when it is raised, and who is too old for it.
extension Replica {
    /// What this node tells others.
    var levels: CommandLevels { CommandLevels(known: configuration.knownLevel, inForce: machine.settings.level) }

    /// Raises the level once every member, learners included, has told on the connection that it has now that it
    /// understands a greater one. A member that is silent holds it down: it may come back as it was.
    ///
    /// Not while the membership changes: whoever is added next was asked for its level in view of the one in force.
    mutating func proposeRaise(now: TimeReading) {
        guard raft.isLeader, stopping == .running, raft.hasCommittedInTerm, raft.changeUnderWay == nil,
            raiseInFlight == nil, pendingChange == nil, now.steady >= raiseNotBefore,
            let level = levelOfAll, level > machine.settings.level
        else { return }
        var payload: [UInt8] = []
        Settings.raise(to: level, newestSeen: appliedLogTime).encode(into: &payload)
        raiseNotBefore = now.steady + .seconds(1)
        guard case .appended(let index, _) = unsafe raft.propose(.command, payload: payload.span.bytes, now: now) else {
            return
        }
        marks.hit(.levelRaised)
        raiseInFlight = index
    }

    /// Whether this leader's log may hold a raise that is not applied: one of its own, or of a leader before it. Whoever
    /// is taken in then is not yet judged by the level that its first entries have.
    var isLevelChanging: Bool { raiseInFlight != nil || raft.log.term(at: appliedIndex) != raft.term }

    /// The greatest level that all members understand; nil while one of them has not told.
    private var levelOfAll: UInt64? {
        var least = configuration.knownLevel
        for member in raft.membership.members where member.id != configuration.id {
            guard let link = links.first(where: { $0.id == member.id }), link.openConnection != nil,
                let level = link.levelKnown
            else { return nil }
            least = min(least, level)
        }
        return least
    }

    /// Tells the operator of another level.
    mutating func noteLevel() {
        let level = machine.settings.level
        guard level != levelTold else { return }
        levelTold = level
        log(.info, "level", "commands have level \(level) from entry \(appliedIndex) on")
    }

    /// A node says what it understands. Answers false, having ended this node, when it is this one that is too old.
    mutating func learnLevels(of hello: PeerHello) -> Bool {
        if let position = links.firstIndex(where: { $0.id == hello.sender.node }) {
            links[position].levelKnown = hello.levels.known
        }
        guard hello.levels.inForce > configuration.knownLevel else { return true }
        endAsTooOld(
            "node \(hello.sender.node) tells that the cluster's commands have level \(hello.levels.inForce), and "
                + "this program understands levels up to \(configuration.knownLevel): start a later version of it")
        return false
    }

    /// What speaks against a node that understands commands up to a level; nil when nothing does.
    func objection(toLevel known: UInt64, of node: NodeID) -> String? {
        let level = machine.settings.level
        guard known < level else { return nil }
        return "the commands of this cluster have level \(level), and the program of node \(node) understands levels "
            + "up to \(known): start a later version of it there"
    }

    /// What speaks against a change of the membership for the sake of levels.
    func objectionOfLevels(to request: MemberRequest) -> Refusal? {
        let reason: String?
        switch request.change {
        case .addLearner(let member): reason = objection(toLevel: request.knownLevel, of: member.id)
        case .reshape(let promoted, _):
            let reasons = promoted.compactMap { node in
                links.first { $0.id == node }?.levelKnown.flatMap { objection(toLevel: $0, of: node) }
            }
            reason = reasons.first
        case .setAddresses: reason = nil
        }
        return reason.map { Refusal(.levelUnsupported, message: $0) }
    }

    /// Ends this node: what it would have to apply, or has, is of a later program. Nothing of it was applied.
    mutating func endAsTooOld(_ message: String) {
        marks.hit(.endedAsTooOld)
        log(.error, "program_too_old", message)
        end(.tooOld(message))
    }
}
