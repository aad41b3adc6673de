internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

/// A change of the membership that is not over, and who waits for it: one at a time.
struct PendingChange: Sendable {
    /// What was asked for.
    let change: MembershipChange
    /// Whether a quorum that is not there is no reason against it.
    let isForced: Bool
    /// When.
    let askedAt: SteadyTime
    /// Whether it is in the log. Until then those who would be the voters are given the time to answer anew: one that has
    /// died a moment ago seems to be there.
    var isProposed = false
    /// Who asked, and asked again.
    var waiters: [Waiter]

    /// When they are told that nobody here will learn more.
    var until: SteadyTime { askedAt + Self.patience }

    /// How many may wait.
    static let waitersMax = 16
    /// For how long.
    static let patience: Nanoseconds = .seconds(60)
}

extension Replica {
    /// An operator wants another membership. Answered when the change is over: its entry is committed, and the joint
    /// membership that it may have begun is left. One that is done already is answered at once.
    mutating func changeMembers(_ body: RawSpan, _ waiter: Waiter, now: TimeReading) {
        guard let request = try? MemberRequest(decoding: body) else {
            return answer(waiter, refusal: Refusal(.malformed, message: "the request cannot be read"))
        }
        guard raft.isLeader, stopping == .running else { return answerNotLeader(waiter) }
        if let pending = pendingChange, pending.change == request.change {
            guard pending.waiters.count < PendingChange.waitersMax else {
                let refusal = Refusal(.overloaded, retryAfter: retry, message: "too many wait for this change")
                return answer(waiter, refusal: refusal)
            }
            pendingChange?.waiters.append(waiter)
            return
        }
        if raft.changeUnderWay == nil, raft.hasCommittedInTerm, raft.membership.reflects(request.change) {
            return answerMembers(waiter)
        }
        if case .addLearner = request.change, isLevelChanging {
            let message = "the level of commands may be about to be raised"
            return answer(waiter, refusal: Refusal(.changeUnderWay, retryAfter: retry, message: message))
        }
        if let refusal = objectionOfLevels(to: request) {
            marks.hit(.tooOldRefused)
            return answer(waiter, refusal: refusal)
        }
        if let pending = pendingChange {
            let message = "another change is under way: \(pending.change.words)"
            return answer(waiter, refusal: Refusal(.changeUnderWay, retryAfter: retry, message: message))
        }
        pendingChange = PendingChange(
            change: request.change, isForced: request.isForced, askedAt: now.steady, waiters: [waiter])
        proposeChange(now: now)
    }

    /// Proposes the change that was asked for, unless those who would be the voters are still to answer anew.
    private mutating func proposeChange(now: TimeReading) {
        guard let asked = pendingChange, !asked.isProposed else { return }
        // What was read before is proposed before.
        proposeRenewals(now: now)
        let result = raft.proposeChange(
            asked.change, isForced: asked.isForced, heardSince: asked.askedAt, now: now)
        switch result {
        case .appended:
            pendingChange?.isProposed = true
            return log(.info, "members_change", "\(asked.change.words)")
        case .refused(.losesQuorum) where now.steady < asked.askedAt + configuration.electionTimeout:
            return marks.hit(.changeAwaitsVoters)
        case .refused(.notLeader), .refused(.transferring):
            for waiter in asked.waiters { answerNotLeader(waiter) }
        case .refused(let refusal):
            for waiter in asked.waiters { answer(waiter, refusal: Refusal(refusal, retryAfter: retry)) }
        }
        pendingChange = nil
    }

    /// Answers those who wait for a change of the membership.
    mutating func tendChange(now: TimeReading) {
        proposeChange(now: now)
        guard let asked = pendingChange, asked.isProposed else { return }
        if raft.isLeader, raft.changeUnderWay == nil {
            marks.hit(.changeAnswered)
            for waiter in asked.waiters { answerMembers(waiter) }
        } else if !raft.isLeader || now.steady >= asked.until {
            for waiter in asked.waiters { answerUnknown(waiter) }
        } else {
            return
        }
        pendingChange = nil
    }

    /// Says who belongs to the cluster.
    mutating func answerMembers(_ waiter: Waiter) {
        let (head, list) = (answerHead(waiter, .members), MemberList(raft.membership))
        send(to: waiter.connection) { list.encodeFrame(head, into: &$0) }
    }

    /// Tells the operator, once a life, that this node is no member any more.
    mutating func noteStanding() {
        // Not before it is committed: until then it may be a member again.
        let isRemoved =
            raft.standing == .outsider && configuration.id <= raft.membership.highestID && raft.changeUnderWay == nil
        defer { isToldRemoved = isRemoved }
        guard isRemoved, !isToldRemoved else { return }
        marks.hit(.removed)
        log(.warning, "removed", "the cluster has this node no more; it may be stopped, and its directory removed")
    }
}

extension MembershipChange {
    /// For people.
    var words: String {
        func list(_ nodes: [NodeID]) -> String { nodes.map(\.description).joined(separator: ", ") }
        switch self {
        case .addLearner(let member): return "adding node \(member.id) at \(member.peerAddress)"
        case .reshape(let promoted, []): return "promoting \(list(promoted))"
        case .reshape([], let removed): return "removing \(list(removed))"
        case .reshape(let promoted, let removed): return "promoting \(list(promoted)), removing \(list(removed))"
        case .setAddresses(let node, let peer, _): return "moving node \(node) to \(peer)"
        }
    }
}

extension Refusal {
    /// A refusal by consensus, for operators.
    init(_ refusal: MembershipRefusal, retryAfter: Nanoseconds) {
        func list(_ nodes: [NodeID]) -> String { nodes.map(\.description).joined(separator: ", ") }
        switch refusal {
        case .notLeader, .transferring, .tooEarly: self.init(.notReady, retryAfter: retryAfter)
        case .changeUnderWay(let index):
            self.init(
                .changeUnderWay, retryAfter: retryAfter, message: "the change of entry \(index) is not over yet")
        case .unchanged: self.init(.memberRefused, message: "that changes nothing")
        case .alreadyMember(let node): self.init(.memberRefused, message: "there is a node \(node) already")
        case .unknownMember(let node): self.init(.memberUnknown, message: "there is no node \(node)")
        case .alreadyVoter(let node): self.init(.memberRefused, message: "node \(node) votes already")
        case .contradiction(let node): self.init(.malformed, message: "node \(node) is named twice")
        case .invalidMember(let node):
            self.init(.memberRefused, message: "node \(node) has no id or no directory of its own")
        case .idUsed(let highest):
            self.init(
                .memberRefused,
                message: "an id is used once only: that of a new node is greater than \(highest), say "
                    + "\(highest.rawValue + 1)")
        case .idTooHigh(let highest):
            self.init(
                .memberRefused,
                message:
                    "that id is far above \(highest), the greatest so far, and all between would be used up: take one "
                    + "up to \(highest.rawValue + Membership.idStepLimit)")
        case .invalidAddress: self.init(.memberRefused, message: "an address is empty or too long")
        case .addressTaken(let node): self.init(.memberRefused, message: "node \(node) has that address")
        case .tooManyMembers: self.init(.memberRefused, message: "there are as many members as there can be")
        case .noVoters: self.init(.losesQuorum, message: "no voter would be left")
        case .notCaughtUp(let node, let behind):
            self.init(
                .notCaughtUp, retryAfter: retryAfter,
                message: "node \(node) does not keep up yet: it is \(behind) entries behind")
        case .unheard(let node):
            self.init(.notCaughtUp, retryAfter: retryAfter, message: "node \(node) does not answer")
        case .losesQuorum(let silent):
            self.init(
                .losesQuorum,
                message: "nothing is heard of \(list(silent)), and without them the voters would be no quorum")
        }
    }
}
