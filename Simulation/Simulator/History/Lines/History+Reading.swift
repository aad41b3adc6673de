import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// Why a file is no history: the line, from 1, and what is wrong there.
public struct HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line.
    public var line: Int
    /// What is wrong.
    public var message: String

    /// `line 7: …`
    public var description: String { "line \(line): \(message)" }
}

extension History {
    /// Reads lines as ``lines()`` writes them. Empty lines are passed over, and members that are not known.
    public init(lines bytes: [UInt8]) throws(HistoryError) {
        self.init()
        var hasHead = false
        var counts = Counts()
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard !line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) else { continue }
            do throws(JSONReader.Failure) {
                var reader = JSONReader(line)
                let fields = try Fields(try reader.whole())
                if hasHead { try take(fields) } else { counts = try begin(fields) }
                hasHead = true
            } catch {
                throw HistoryError(line: number, message: error.message)
            }
        }
        guard hasHead else { throw HistoryError(line: max(1, number), message: "this is no history: it is empty") }
        guard counts.calls ?? operations.count == operations.count,
            counts.tellings ?? tellings.count == tellings.count
        else {
            let message =
                "the file ends behind \(operations.count) calls and \(tellings.count) tellings, and its first line says "
                + "\(counts.calls ?? 0) and \(counts.tellings ?? 0): it was cut"
            throw HistoryError(line: number - (bytes.last == UInt8(ascii: "\n") ? 1 : 0), message: message)
        }
    }

    /// How many lines of each sort there are, as the first line has it; nil in files that do not say so.
    private struct Counts {
        var calls: Int?
        var tellings: Int?
    }

    private mutating func begin(_ fields: Fields) throws(JSONReader.Failure) -> Counts {
        guard fields.has("history") else {
            throw JSONReader.Failure(message: "a history begins with a line that has a member \"history\"")
        }
        let format = try fields.number("history")
        guard format == Self.format else {
            throw JSONReader.Failure(message: "format \(format) is not known, only \(Self.format)")
        }
        seed = try fields.number("seed")
        areClocksTrusted = try fields.truth("clocks")
        func count(_ name: String) throws(JSONReader.Failure) -> Int? {
            fields.has(name) ? Int(try fields.number(name, upTo: 1 << 40)) : nil
        }
        return Counts(calls: try count("calls"), tellings: try count("tellings"))
    }

    private mutating func take(_ fields: Fields) throws(JSONReader.Failure) {
        if fields.has("call") {
            let number = try fields.number("call")
            guard number == UInt64(operations.count) else {
                throw JSONReader.Failure(message: "call \(number) where call \(operations.count) is due")
            }
            append(try Operation(fields))
        } else if fields.has("told") {
            let number = try fields.number("told")
            guard number == UInt64(tellings.count) else {
                throw JSONReader.Failure(message: "told \(number) where told \(tellings.count) is due")
            }
            tell(try Telling(fields))
        } else {
            throw JSONReader.Failure(message: "neither a call nor what was told")
        }
    }
}

extension Operation {
    fileprivate init(_ fields: Fields) throws(JSONReader.Failure) {
        self.init(
            client: Int(try fields.number("client", upTo: 1_000_000)), invoked: try fields.number("from"),
            question: try Question(fields))
        if fields.has("instance") {
            request = RequestID(
                instance: ClientInstance(try fields.number("instance")),
                sequence: RequestSequence(try fields.number("sequence")))
        }
        if fields.has("to") { completed = try fields.number("to") }
        guard completed >= invoked else { throw .init(message: "the call ends before it begins") }
        switch try fields.text("result") {
        case "notDone": result = .notDone
        case "unknown": result = .unknown
        case "unanswered": result = .unanswered
        case "done":
            guard fields.has("to") else { throw .init(message: "\"to\" is missing") }
            result = .done(try Answer(try fields.fields("answer"), &beliefs))
        case let other: throw .init(message: "an unknown result: \(other)")
        }
    }
}

extension Operation.Question {
    fileprivate init(_ fields: Fields) throws(JSONReader.Failure) {
        switch try fields.text("ask") {
        case "acquire":
            self = .acquire(
                Acquire(
                    name: try fields.text("name"), holder: try fields.text("holder"), ttl: try fields.time("ttl"),
                    value: try fields.bytes("value")), isKept: try fields.truth("keep"))
        case "renew":
            var items: [Renewal] = []
            for value in try fields.list("claims") {
                let item = try Fields(value)
                items.append(Renewal(claim: try item.claim(), name: try item.text("name")))
            }
            self = .renew(items)
        case "release": self = .release(ClaimReference(claim: try fields.claim(), name: try fields.text("name")))
        case "cancel":
            self = .cancel(
                Cancel(
                    target: RequestID(
                        instance: ClientInstance(try fields.number("ofInstance")),
                        sequence: RequestSequence(try fields.number("ofSequence"))), name: try fields.text("name")))
        case "update":
            let claim = ClaimReference(claim: try fields.claim(), name: try fields.text("name"))
            self = .update(Update(claim: claim, value: try fields.bytes("value")))
        case "settings":
            var changes: [SettingChange] = []
            for value in try fields.list("changes") {
                let change = try Fields(value)
                let key = UInt16(try change.number("key", upTo: UInt64(UInt16.max)))
                changes.append(SettingChange(key: key, value: try change.number("value")))
            }
            self = .changeSettings(changes)
        case "get": self = .get(name: try fields.text("name"), isStale: try fields.truth("stale"))
        case "list":
            self = .list(
                prefix: try fields.text("prefix"), after: try fields.text("after"),
                limit: Int(try fields.number("limit", upTo: 1_000_000)), isStale: try fields.truth("stale"))
        case let other: throw .init(message: "an unknown question: \(other)")
        }
    }
}

extension Operation.Answer {
    fileprivate init(_ fields: Fields, _ beliefs: inout [UInt64]) throws(JSONReader.Failure) {
        switch try fields.text("is") {
        case "acquired":
            beliefs = [try fields.number("until")]
            self = .outcome(
                .acquired(claim: try fields.claim(), try ClaimStatus(try fields.fields("status"))))
        case "renewed":
            beliefs = try fields.numbers("until")
            var statuses: [ClaimStatus] = []
            for value in try fields.list("statuses") { statuses.append(try ClaimStatus(try Fields(value))) }
            guard beliefs.count == statuses.count else {
                throw .init(message: "there are \(statuses.count) statuses and \(beliefs.count) numbers in \"until\"")
            }
            self = .renewed(statuses)
        case "released":
            self = .outcome(.released(claim: try fields.claim(), try fields.reason("reason")))
        case "cancelled":
            switch try fields.text("found") {
            case "ended": self = .outcome(.cancelled(.ended(claim: try fields.claim())))
            case "hadEnded":
                self = .outcome(.cancelled(.hadEnded(claim: try fields.claim(), try fields.reason("reason"))))
            case "remembered": self = .outcome(.cancelled(.remembered))
            case "nothing": self = .outcome(.cancelled(.nothing))
            case let other: throw .init(message: "a cancel cannot have found \(other)")
            }
        case "settings": self = .outcome(.settingsChanged)
        case "updated": self = .outcome(.updated(claim: try fields.claim()))
        case "refused": self = .outcome(.refused(try LeaseError(try fields.fields("error"))))
        case "lease":
            let preface = ReadPreface(index: try fields.index(), silence: try fields.time("silence"))
            self = .lease(LeaseAnswer(preface: preface, lease: try LeaseView(try fields.fields("lease"))))
        case "page":
            let preface = ReadPreface(index: try fields.index(), silence: try fields.time("silence"))
            var leases: [LeaseView] = []
            for value in try fields.list("leases") { leases.append(try LeaseView(try Fields(value))) }
            let page = LeasePage(
                leases: leases, hasMore: try fields.truth("more"), index: LogIndex(try fields.number("pageIndex")))
            self = .page(PageAnswer(preface: preface, page: page))
        case let other: throw .init(message: "an unknown answer: \(other)")
        }
    }
}

extension ClaimStatus {
    fileprivate init(_ fields: Fields) throws(JSONReader.Failure) {
        switch try fields.text("is") {
        case "unknown": self = .unknown
        case "waiting": self = .waiting(position: UInt32(try fields.number("position", upTo: UInt64(UInt32.max))))
        case "holding": self = .holding(token: try fields.token(), validFor: try fields.time("validFor"))
        case "ending": self = .ending(try fields.reason("reason"), validFor: try fields.time("validFor"))
        case "ended": self = .ended(try fields.reason("reason"))
        case let other: throw .init(message: "a claim cannot be \(other)")
        }
    }
}

extension LeaseError {
    fileprivate init(_ fields: Fields) throws(JSONReader.Failure) {
        let plain: [LeaseError] = [
            .nameInvalid, .holderInvalid, .valueTooLong, .capacityMismatch, .notSupported, .claimUnknown, .tooOld,
            .requestReused, .overloaded, .malformed,
        ]
        let word = try fields.text("is")
        switch word {
        case "held":
            self = .held(
                Held(
                    name: try fields.text("name"), holder: try fields.text("holder"), token: try fields.token(),
                    remaining: try fields.time("remaining")))
        case "ended": self = .ended(try fields.reason("reason"))
        case "ttl_out_of_range":
            self = .ttlOutOfRange(minimum: try fields.time("minimum"), maximum: try fields.time("maximum"))
        default:
            guard let error = plain.first(where: { $0.code == word }) else {
                throw .init(message: "an unknown error: \(word)")
            }
            self = error
        }
    }
}

extension LeaseView {
    fileprivate init(_ fields: Fields) throws(JSONReader.Failure) {
        var holders: [Holder] = []
        for value in try fields.list("holders") {
            let holder = try Fields(value)
            holders.append(
                Holder(
                    claim: try holder.claim(), token: try holder.token(), holder: try holder.text("holder"),
                    value: try holder.bytes("value"), ttl: try holder.time("ttl"),
                    remaining: try holder.time("remaining")))
        }
        self.init(
            name: try fields.text("name"), capacity: UInt32(try fields.number("capacity", upTo: UInt64(UInt32.max))),
            holders: holders, waiters: UInt32(try fields.number("waiters", upTo: UInt64(UInt32.max))))
    }
}

extension Telling {
    fileprivate init(_ fields: Fields) throws(JSONReader.Failure) {
        let news: News
        switch try fields.text("news") {
        case "held": news = .held(until: try fields.number("until"))
        case "ended": news = .ended(try fields.reason("reason"))
        case "unknown": news = .unknown
        case let other: throw .init(message: "unknown news: \(other)")
        }
        self.init(
            client: Int(try fields.number("client", upTo: 1_000_000)), at: try fields.number("at"),
            name: try fields.text("name"), token: try fields.token(), news: news)
    }
}
