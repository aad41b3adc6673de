import LeaseMachine
import LeaseholdBase
import LeaseholdWire

extension Operation: CustomStringConvertible {
    /// One line for people: `get name-1 from 0.001200 s to 0.001207 s: held with 57`.
    public var description: String {
        let end = completed == .max ? "for ever" : "to \(seconds(completed))"
        return "\(question) from \(seconds(invoked)) \(end): \(result)"
    }
}

extension Operation.Question: CustomStringConvertible {
    /// What was asked, in a few words.
    public var description: String {
        switch self {
        case .acquire(let acquire, let isKept):
            return "acquire \(acquire.name) as \(acquire.holder)" + (isKept ? "" : ", unkept")
        case .renew(let items): return "renew " + items.map { "\($0.name) \($0.claim)" }.joined(separator: ", ")
        case .release(let claim): return "release \(claim.name) \(claim.claim)"
        case .cancel(let cancel): return "cancel \(cancel.name) \(cancel.target)"
        case .update(let update): return "update \(update.claim.name) \(update.claim.claim) to \(update.value)"
        case .changeSettings(let changes):
            return "change " + changes.map { "setting \($0.key) to \($0.value)" }.joined(separator: ", ")
        case .get(let name, let isStale): return (isStale ? "get stale " : "get ") + name
        case .list(let prefix, let after, let limit, let isStale):
            return (isStale ? "list stale " : "list ") + "\(prefix)* after \"\(after)\", \(limit)"
        }
    }
}

extension Operation.Result: CustomStringConvertible {
    /// What is known, in a few words.
    public var description: String {
        switch self {
        case .done(let answer): "\(answer)"
        case .notDone: "not done"
        case .unknown: "unknown"
        case .unanswered: "unanswered"
        }
    }
}

extension Operation.Answer: CustomStringConvertible {
    /// What was told, in a few words.
    public var description: String {
        switch self {
        case .outcome(let outcome): Self.text(outcome)
        case .renewed(let statuses): statuses.map(Self.text).joined(separator: ", ")
        case .lease(let answer): "at \(answer.preface.index) " + Self.text(answer.lease)
        case .page(let answer):
            "at \(answer.preface.index) "
                + answer.page.leases.map { "\($0.name) \(Self.text($0))" }.joined(separator: ", ")
                + (answer.page.hasMore ? " and more" : "")
        }
    }

    static func text(_ outcome: Outcome) -> String {
        switch outcome {
        case .acquired(let claim, let status): "claim \(claim) \(text(status))"
        case .released(let claim, let reason): "claim \(claim) \(reason)"
        case .cancelled(.ended(let claim)): "claim \(claim) cancelled"
        case .cancelled(.hadEnded(let claim, let reason)): "claim \(claim) had \(reason)"
        case .cancelled(.remembered): "remembered"
        case .cancelled(.nothing): "nothing to cancel"
        case .updated(let claim): "claim \(claim) updated"
        case .refused(.held(let held)):
            "refused, held by \(held.holder) with \(held.token) for \(seconds(held.remaining))"
        case .refused(.ended(let reason)): "refused, \(reason)"
        case .refused(let error): "refused, \(error.code)"
        case .renewed: "renewed"
        case .settingsChanged: "settings changed"
        }
    }

    static func text(_ status: ClaimStatus) -> String {
        switch status {
        case .holding(let token, let validFor): "holds with \(token) for \(seconds(validFor))"
        case .ended(let reason): "\(reason)"
        case .waiting(let position): "waits at \(position)"
        case .ending(let reason, let validFor): "ends \(reason) in \(seconds(validFor))"
        case .unknown: "unknown"
        }
    }

    static func text(_ lease: LeaseView) -> String {
        guard !lease.holders.isEmpty else { return "free" }
        return "held by "
            + lease.holders.map { holder in
                "\(holder.holder) with \(holder.token) for \(seconds(holder.remaining))"
                    + (holder.value.isEmpty ? "" : ", value \(holder.value)")
            }.joined(separator: ", ")
    }
}
