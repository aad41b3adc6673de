import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// A history as lines of JSON, so that anybody's checker can judge it.
///
/// Every line is one object. All numbers are whole and not negative (up to 64 bits: not to be read as floating point),
/// all times are nanoseconds of true time from the beginning of the run, and truth is 1 and 0. The first line is
///
///     {"history":1,"seed":S,"clocks":1,"calls":N,"tellings":M}
///
/// where `clocks` says whether clocks kept to the promised rates, and the last two how many lines of each sort there are, so
/// that a file that was cut is seen to be. Then come, in the order in which they began, the calls:
///
///     {"call":N,"client":C,"instance":I,"sequence":Q,"from":T,"to":T,"ask":…,"result":…}
///
/// numbered from 0. `instance` and `sequence` name the call in the log, and are left out of what has no name there; `to`
/// is left out of what was never answered. By `ask` there are further members:
///
///     acquire   name, holder, ttl, value (bytes as a list of numbers), keep
///     renew     claims: a list of {"claim":…,"name":…}
///     release   claim, name
///     cancel    ofInstance, ofSequence, name
///     update    claim, name, value
///     settings  changes: a list of {"key":…,"value":…}, lengths of time in nanoseconds
///     get       name, stale
///     list      prefix, after, limit, stale
///
/// `result` is `done`, `notDone` (no effect, then or later), `unknown` or `unanswered` (an effect at any time from the
/// beginning on, or none). What was done has an `answer`, an object with `is` and, by that,
///
///     acquired   claim, status, until
///     renewed    statuses, until (a list)
///     released   claim, reason
///     cancelled  found (ended, hadEnded, remembered, nothing), and with the first two claim, and reason
///     updated    claim
///     settings   (they were changed)
///     refused    error
///     lease      index, silence, lease
///     page       index, silence, more, pageIndex, leases
///
/// A status has `is` (holding, ended, waiting, ending, unknown) and what goes with it (token, validFor, reason, position);
/// an error has `is` (its stable code) and, when the lease is held, name, holder, token, remaining. A lease has name,
/// capacity, waiters and holders, each with claim, token, holder, value, ttl, remaining. `until` is when the client's
/// belief ends, zero where there is none.
///
/// What cores told of the leases they keep comes last, each with a number from 0:
///
///     {"told":N,"client":C,"at":T,"name":…,"token":K,"news":"held","until":T}
///
/// with `news` being `held`, `ended` (with a `reason`) or `unknown`.
extension History {
    /// All lines, each with its line feed.
    public func lines() -> String {
        var text = ""
        func write(_ members: [JSONValue.Member]) {
            JSONValue.object(members).write(into: &text)
            text += "\n"
        }
        write([
            .init("history", Self.format), .init("seed", seed), .init("clocks", areClocksTrusted ? 1 : 0),
            .init("calls", UInt64(operations.count)), .init("tellings", UInt64(tellings.count)),
        ])
        for (number, operation) in operations.enumerated() {
            write([.init("call", UInt64(number))] + operation.members)
        }
        for (number, telling) in tellings.enumerated() {
            write([.init("told", UInt64(number))] + telling.members)
        }
        return text
    }
}

extension JSONValue.Member {
    init(_ name: String, _ number: UInt64) { self.init(name: name, value: .number(number)) }
    init(_ name: String, _ isTrue: Bool) { self.init(name: name, value: .number(isTrue ? 1 : 0)) }
    init(_ name: String, _ text: String) { self.init(name: name, value: .text(text)) }
    init(_ name: String, _ time: Nanoseconds) { self.init(name, UInt64(max(0, time.rawValue))) }
    init(_ name: String, _ bytes: [UInt8]) {
        self.init(name: name, value: .list(bytes.map { .number(UInt64($0)) }))
    }
}

extension Operation {
    fileprivate var members: [JSONValue.Member] {
        var members: [JSONValue.Member] = [.init("client", UInt64(client))]
        if let request {
            members.append(.init("instance", request.instance.rawValue))
            members.append(.init("sequence", request.sequence.rawValue))
        }
        members.append(.init("from", invoked))
        if completed != .max { members.append(.init("to", completed)) }
        members += question.members
        switch result {
        case .notDone: members.append(.init("result", "notDone"))
        case .unknown: members.append(.init("result", "unknown"))
        case .unanswered: members.append(.init("result", "unanswered"))
        case .done(let answer):
            members.append(.init("result", "done"))
            members.append(.init(name: "answer", value: .object(answer.members(beliefs))))
        }
        return members
    }
}

extension Operation.Question {
    fileprivate var members: [JSONValue.Member] {
        switch self {
        case .acquire(let acquire, let isKept):
            return [
                .init("ask", "acquire"), .init("name", acquire.name), .init("holder", acquire.holder),
                .init("ttl", acquire.ttl), .init("value", acquire.value), .init("keep", isKept),
            ]
        case .renew(let items):
            let claims = items.map { item -> JSONValue in
                .object([.init("claim", item.claim.rawValue), .init("name", item.name)])
            }
            return [.init("ask", "renew"), .init(name: "claims", value: .list(claims))]
        case .release(let claim):
            return [.init("ask", "release"), .init("claim", claim.claim.rawValue), .init("name", claim.name)]
        case .cancel(let cancel):
            return [
                .init("ask", "cancel"), .init("ofInstance", cancel.target.instance.rawValue),
                .init("ofSequence", cancel.target.sequence.rawValue), .init("name", cancel.name),
            ]
        case .update(let update):
            return [
                .init("ask", "update"), .init("claim", update.claim.claim.rawValue),
                .init("name", update.claim.name), .init("value", update.value),
            ]
        case .changeSettings(let changes):
            let members = changes.map { change -> JSONValue in
                .object([.init("key", UInt64(change.key)), .init("value", change.value)])
            }
            return [.init("ask", "settings"), .init(name: "changes", value: .list(members))]
        case .get(let name, let isStale):
            return [.init("ask", "get"), .init("name", name), .init("stale", isStale)]
        case .list(let prefix, let after, let limit, let isStale):
            return [
                .init("ask", "list"), .init("prefix", prefix), .init("after", after),
                .init("limit", UInt64(max(0, limit))), .init("stale", isStale),
            ]
        }
    }
}

extension Operation.Answer {
    fileprivate func members(_ beliefs: [UInt64]) -> [JSONValue.Member] {
        switch self {
        case .renewed(let statuses):
            return [
                .init("is", "renewed"),
                .init(name: "statuses", value: .list(statuses.map { .object($0.members) })),
                .init(name: "until", value: .list(beliefs.map { .number($0) })),
            ]
        case .lease(let answer):
            return [
                .init("is", "lease"), .init("index", answer.preface.index.rawValue),
                .init("silence", answer.preface.silence), .init(name: "lease", value: answer.lease.json),
            ]
        case .page(let answer):
            return [
                .init("is", "page"), .init("index", answer.preface.index.rawValue),
                .init("silence", answer.preface.silence), .init("more", answer.page.hasMore),
                .init("pageIndex", answer.page.index.rawValue),
                .init(name: "leases", value: .list(answer.page.leases.map(\.json))),
            ]
        case .outcome(let outcome): return outcome.members(beliefs)
        }
    }
}

extension Outcome {
    fileprivate func members(_ beliefs: [UInt64]) -> [JSONValue.Member] {
        switch self {
        case .acquired(let claim, let status):
            return [
                .init("is", "acquired"), .init("claim", claim.rawValue),
                .init(name: "status", value: .object(status.members)), .init("until", beliefs.first ?? 0),
            ]
        case .released(let claim, let reason):
            return [.init("is", "released"), .init("claim", claim.rawValue), .init("reason", "\(reason)")]
        case .cancelled(.ended(let claim)):
            return [.init("is", "cancelled"), .init("found", "ended"), .init("claim", claim.rawValue)]
        case .cancelled(.hadEnded(let claim, let reason)):
            return [
                .init("is", "cancelled"), .init("found", "hadEnded"), .init("claim", claim.rawValue),
                .init("reason", "\(reason)"),
            ]
        case .cancelled(.remembered): return [.init("is", "cancelled"), .init("found", "remembered")]
        case .cancelled(.nothing): return [.init("is", "cancelled"), .init("found", "nothing")]
        case .updated(let claim): return [.init("is", "updated"), .init("claim", claim.rawValue)]
        case .refused(let error):
            return [.init("is", "refused"), .init(name: "error", value: .object(error.members))]
        case .renewed: return [.init("is", "renewal")]
        case .settingsChanged: return [.init("is", "settings")]
        }
    }
}

extension ClaimStatus {
    fileprivate var members: [JSONValue.Member] {
        switch self {
        case .unknown: [.init("is", "unknown")]
        case .waiting(let position): [.init("is", "waiting"), .init("position", UInt64(position))]
        case .holding(let token, let validFor):
            [.init("is", "holding"), .init("token", token.rawValue), .init("validFor", validFor)]
        case .ending(let reason, let validFor):
            [.init("is", "ending"), .init("reason", "\(reason)"), .init("validFor", validFor)]
        case .ended(let reason): [.init("is", "ended"), .init("reason", "\(reason)")]
        }
    }
}

extension LeaseError {
    fileprivate var members: [JSONValue.Member] {
        switch self {
        case .held(let held):
            [
                .init("is", code), .init("name", held.name), .init("holder", held.holder),
                .init("token", held.token.rawValue), .init("remaining", held.remaining),
            ]
        case .ended(let reason): [.init("is", code), .init("reason", "\(reason)")]
        case .ttlOutOfRange(let minimum, let maximum):
            [.init("is", code), .init("minimum", minimum), .init("maximum", maximum)]
        default: [.init("is", code)]
        }
    }
}

extension LeaseView {
    fileprivate var json: JSONValue {
        let holders = holders.map { holder -> JSONValue in
            .object([
                .init("claim", holder.claim.rawValue), .init("token", holder.token.rawValue),
                .init("holder", holder.holder), .init("value", holder.value), .init("ttl", holder.ttl),
                .init("remaining", holder.remaining),
            ])
        }
        return .object([
            .init("name", name), .init("capacity", UInt64(capacity)), .init("waiters", UInt64(waiters)),
            .init(name: "holders", value: .list(holders)),
        ])
    }
}

extension Telling {
    fileprivate var members: [JSONValue.Member] {
        let members: [JSONValue.Member] = [
            .init("client", UInt64(client)), .init("at", at), .init("name", name), .init("token", token.rawValue),
        ]
        switch news {
        case .held(let until): return members + [.init("news", "held"), .init("until", until)]
        case .ended(let reason): return members + [.init("news", "ended"), .init("reason", "\(reason)")]
        case .unknown: return members + [.init("news", "unknown")]
        }
    }
}
