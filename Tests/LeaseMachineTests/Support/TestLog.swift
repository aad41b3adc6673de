import LeaseMachine
import LeaseholdBase

/// A machine fed from the test: indices and log time move by what the test says.
struct TestLog {
    var machine: LeaseMachine
    var output = ApplyOutput()
    var index: UInt64 = 0
    var now = Nanoseconds.zero
    /// The next sequence of each client, by its number.
    private var sequences: [UInt64: UInt64] = [:]
    /// What no test may ever see.
    private(set) var violations: [String] = []

    init(settings: Settings = .initial, hashSeed: UInt64 = 0) {
        machine = LeaseMachine(settings: settings, hashSeed: hashSeed)
    }

    var stamp: EntryStamp {
        EntryStamp(index: LogIndex(index), logTime: .zero + now, wallTime: .zero)
    }

    /// A head with the client's next sequence, of which nothing below is unanswered.
    mutating func head(_ client: UInt64 = 1) -> RequestHead {
        let sequence = sequences[client, default: 0] + 1
        sequences[client] = sequence
        return RequestHead(
            request: RequestID(instance: ClientInstance(client), sequence: RequestSequence(sequence)),
            lowestUnanswered: RequestSequence(sequence), newestSeen: machine.logTime)
    }

    @discardableResult mutating func apply(_ command: Command) -> Outcome? {
        var bytes: [UInt8] = []
        command.encode(into: &bytes)
        return apply(bytes: bytes)
    }

    @discardableResult mutating func apply(bytes: [UInt8]) -> Outcome? {
        index += 1
        do {
            try machine.apply(bytes.span.bytes, at: stamp, into: &output)
        } catch {
            violations.append("an unknown command was applied")
        }
        violations += machine.violations()
        return output.outcome
    }

    /// An entry without a command, so much later.
    mutating func pulse(after time: Nanoseconds = .zero) {
        now = now + time
        index += 1
        machine.applyEmpty(at: stamp, into: &output)
        violations += machine.violations()
    }

    @discardableResult mutating func acquire(
        _ name: String, _ client: UInt64 = 1, holder: String = "h", ttl: Nanoseconds = .seconds(10),
        value: [UInt8] = []
    ) -> Outcome? {
        apply(.acquire(head(client), Acquire(name: name, holder: holder, ttl: ttl, value: value)))
    }

    @discardableResult mutating func release(_ claim: UInt64, _ client: UInt64 = 1, name: String = "") -> Outcome? {
        apply(.release(head(client), ClaimReference(claim: ClaimID(claim), name: name)))
    }

    @discardableResult mutating func renew(_ claims: UInt64...) -> [ClaimStatus] {
        apply(.renew(claims.map { Renewal(claim: ClaimID($0)) }))
        return output.statuses
    }

    /// The events of the last entry, as words.
    var events: [String] {
        var words: [String] = []
        for event in output.events {
            let name = output.name(of: event)
            switch event.kind {
            case .granted: words.append("granted \(name) \(event.claim)")
            case .ended(let reason): words.append("\(reason) \(name) \(event.claim)")
            case .updated: words.append("updated \(name) \(event.claim)")
            }
        }
        return words
    }
}

/// Shorthand for what an acquire is granted.
func granted(_ claim: UInt64, for time: Nanoseconds = .seconds(10)) -> Outcome {
    .acquired(claim: ClaimID(claim), .holding(token: FencingToken(claim), validFor: time))
}

func held(_ name: String, _ token: UInt64, _ remaining: Nanoseconds, holder: String = "h") -> Outcome {
    .refused(
        .held(LeaseError.Held(name: name, holder: holder, token: FencingToken(token), remaining: remaining)))
}

extension Command {
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}
