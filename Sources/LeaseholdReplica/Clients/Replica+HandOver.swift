internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

/// The operator who asked for another leader, and waits for what comes of it: one at a time.
struct PendingHandOver: Sendable {
    /// Who asked.
    var waiter: Waiter
    /// When it is told that nobody here will learn more.
    var until: SteadyTime
}

extension Replica {
    /// An operator wants another node to lead (thesis §3.10). Answered when another leads; refused when this one leads
    /// on after an election timeout (trap 23), or when the node named is no voter.
    mutating func transfer(_ body: RawSpan, _ waiter: Waiter, now: TimeReading) {
        guard let request = try? TransferRequest(decoding: body) else {
            return answer(waiter, refusal: Refusal(.malformed, message: "the request cannot be read"))
        }
        guard raft.isLeader, stopping == .running else { return answerNotLeader(waiter) }
        if request.target == configuration.id { return answerTransferred(waiter) }
        let voters = raft.membership.voters
        guard request.target.map(voters.contains) ?? (voters != [configuration.id]) else {
            let message = request.target.map { "node \($0) is no voter of this cluster" } ?? "there is no other voter"
            return answer(waiter, refusal: Refusal(.memberUnknown, message: message))
        }
        guard handOver == nil, !raft.isTransferring else {
            let refusal = Refusal(.overloaded, retryAfter: retry, message: "a hand-over is under way")
            return answer(waiter, refusal: refusal)
        }
        // What was read before is proposed before: a leader that hands over proposes nothing.
        proposeRenewals(now: now)
        raft.step(.transfer(to: request.target), now: now, into: &raftEffects)
        // The new leader's first message may take as long again as its campaign.
        handOver = PendingHandOver(waiter: waiter, until: now.steady + configuration.electionTimeout * 2)
    }

    /// Answers whoever waits for another leader.
    mutating func tendHandOver(now: TimeReading) {
        guard let asked = handOver else { return }
        if raft.isLeader {
            guard !raft.isTransferring else { return }
            marks.hit(.handOverFailed)
            let message = "the other node has not taken over in time"
            answer(asked.waiter, refusal: Refusal(.handOverFailed, message: message))
        } else if leader != nil {
            marks.hit(.handedOver)
            answerTransferred(asked.waiter)
        } else if now.steady >= asked.until {
            answerUnknown(asked.waiter)
        } else {
            return
        }
        handOver = nil
    }

    private mutating func answerTransferred(_ waiter: Waiter) {
        let (head, hint) = (answerHead(waiter, .transferred), leaderHint)
        send(to: waiter.connection) { hint.encodeTransferredFrame(head, into: &$0) }
    }
}
