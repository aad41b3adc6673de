import LeaseMachine
import LeaseholdBase

/// The calls of one lease out of a history, as the search takes them.
///
/// What is certain becomes a call: every answer says what happened, or what was seen. What is not certain becomes a
/// possibility: that a claim ended, that a value was given, and, for a token that was seen although nobody was told that he
/// got it, that an acquire of unknown outcome did.
struct LeaseCalls {
    /// A token that was seen.
    private struct Sighting {
        var token: UInt64
        var holder: String
        var call: Int
    }

    private(set) var calls: [LeaseCall] = []
    private(set) var specification = LeaseSpecification()
    /// Tokens that nobody can have got, with the call that saw them; they condemn a history without a search.
    private(set) var unexplained: [(token: UInt64, call: Int)] = []
    /// Tokens that two acquires were given.
    private(set) var doubled: [(token: UInt64, call: Int)] = []

    private var sightings: [Sighting] = []
    private var granted: [UInt64: Int] = [:]
    private var openAcquires: [(from: UInt64, holder: String, request: RequestID?)] = []
    private var openEnds: [(token: UInt64, from: UInt64)] = []
    private var beliefs: [UInt64: UInt64] = [:]
    private var ends: [UInt64: Int] = [:]
    private var values: [[UInt8]: Int] = [:]

    private mutating func number(of value: [UInt8]) -> Int {
        if let known = values[value] { return known }
        values[value] = values.count
        return values.count - 1
    }

    private mutating func add(_ operation: Operation, _ number: Int, _ action: LeaseSpecification.Action) {
        calls.append(LeaseCall(from: operation.invoked, to: operation.completed, action: action, number: number))
    }

    private mutating func believe(_ token: UInt64, until: UInt64) {
        beliefs[token] = max(beliefs[token] ?? 0, until)
    }

    private mutating func mayEnd(_ token: UInt64, from: UInt64) {
        specification.mayEnd[token] = min(specification.mayEnd[token] ?? .max, from)
    }

    // MARK: Taking in

    /// - Parameter mayBeUndone: Whether its own client had asked to undo it before it was answered. Then its core may say
    ///   that it is cancelled while the cluster still has the claim, and undoes it by a call of its own, in case the
    ///   client's comes to nothing. From anybody else such words can only be the cluster's.
    mutating func acquire(
        _ acquire: Acquire, isKept: Bool, mayBeUndone: Bool, _ operation: Operation, _ number: Int
    ) {
        if operation.isOpen {
            openAcquires.append((operation.invoked, acquire.holder, operation.request))
            return
        }
        guard case .done(.outcome(let outcome)) = operation.result else { return }
        switch outcome {
        case .acquired(let claim, let status):
            var token = claim.rawValue
            if case .holding(let told, _) = status { token = told.rawValue }
            if granted[token] != nil { doubled.append((token, number)) }
            granted[token] = number
            add(operation, number, .grant(token: token, value: self.number(of: acquire.value)))
            if case .holding = status {
                let until = operation.beliefs.first ?? 0
                believe(token, until: until)
                // A grant that came too late to be used, the core gives back by itself: a release that no call of the
                // history tells of, and for which a later one by hand may be told that it ended the claim.
                if isKept, until == 0 {
                    ends[token, default: 0] += 1
                    openEnds.append((token, operation.invoked))
                }
            } else {
                mayEnd(token, from: operation.invoked)
                if mayBeUndone, status == .ended(.cancelled) {
                    // A later cancel by hand is told that it ended the claim, whichever of them did.
                    ends[token, default: 0] += 1
                } else {
                    add(operation, number, .over(token: token))
                }
            }
        case .refused(.held(let held)):
            sightings.append(Sighting(token: held.token.rawValue, holder: held.holder, call: number))
            add(operation, number, .seenHeld(token: held.token.rawValue, value: nil))
        default: break
        }
    }

    mutating func renew(_ token: UInt64, _ status: ClaimStatus, until: UInt64, _ operation: Operation, _ number: Int) {
        switch status {
        case .holding(let told, _):
            believe(token, until: until)
            // A renewal that names another token than the claim's says that the claim holds under it.
            add(operation, number, .renewed(token: told.rawValue))
        case .ended: add(operation, number, .over(token: token))
        case .unknown: add(operation, number, .notHeld(token: token))
        case .waiting, .ending: break
        }
    }

    mutating func release(_ token: UInt64, _ operation: Operation, _ number: Int) {
        if operation.isOpen {
            openEnds.append((token, operation.invoked))
            ends[token, default: 0] += 1
            return
        }
        guard case .done(.outcome(let outcome)) = operation.result else { return }
        switch outcome {
        case .released(_, .released):
            ends[token, default: 0] += 1
            add(operation, number, .ended(token: token, isOnly: true))
        case .released: add(operation, number, .over(token: token))
        case .refused(.claimUnknown): add(operation, number, .notHeld(token: token))
        default: break
        }
    }

    mutating func update(_ token: UInt64, _ value: [UInt8], _ operation: Operation, _ number: Int) {
        let value = self.number(of: value)
        if operation.isOpen {
            specification.openUpdates.append(.init(token: token, value: value, from: operation.invoked))
            return
        }
        guard case .done(.outcome(let outcome)) = operation.result else { return }
        switch outcome {
        case .updated: add(operation, number, .updated(token: token, value: value))
        case .refused(.ended): add(operation, number, .over(token: token))
        case .refused(.claimUnknown): add(operation, number, .notHeld(token: token))
        default: break
        }
    }

    /// A cancel of an acquire, and that acquire, if the history has it.
    mutating func cancel(_ target: Operation?, _ operation: Operation, _ number: Int) {
        if operation.isOpen {
            if case .done(.outcome(.acquired(let claim, _))) = target?.result {
                openEnds.append((claim.rawValue, operation.invoked))
                ends[claim.rawValue, default: 0] += 1
            }
            return
        }
        guard case .done(.outcome(.cancelled(let found))) = operation.result else { return }
        switch found {
        case .ended(let claim):
            if let target, target.isOpen {
                // Its client had not been told: the cancel is the first to name the claim.
                specification.mayBegin[claim.rawValue] = target.invoked
                openAcquires.removeAll { $0.request == target.request }
                mayEnd(claim.rawValue, from: target.invoked)
                add(operation, number, .over(token: claim.rawValue))
            } else {
                ends[claim.rawValue, default: 0] += 1
                add(operation, number, .ended(token: claim.rawValue, isOnly: true))
            }
        case .hadEnded(let claim, _):
            if let target, target.isOpen {
                specification.mayBegin[claim.rawValue] = target.invoked
                openAcquires.removeAll { $0.request == target.request }
                mayEnd(claim.rawValue, from: target.invoked)
            }
            add(operation, number, .over(token: claim.rawValue))
        case .remembered, .nothing: break
        }
    }

    mutating func read(_ lease: LeaseView?, _ operation: Operation, _ number: Int) {
        guard let holder = lease?.holders.first else { return add(operation, number, .seenFree) }
        let token = holder.token.rawValue
        sightings.append(Sighting(token: token, holder: holder.holder, call: number))
        add(operation, number, .seenHeld(token: token, value: self.number(of: holder.value)))
        // More holders than there may be cannot be in any order.
        for other in (lease?.holders ?? []).dropFirst() { unexplained.append((other.token.rawValue, number)) }
    }

    mutating func told(_ telling: Telling) {
        if case .held(let until) = telling.news { believe(telling.token.rawValue, until: until) }
    }

    // MARK: Putting together

    /// Ends the taking in: who may have got a token that was seen, and when claims may have ended.
    mutating func finish(areClocksTrusted: Bool) {
        explainSightings()
        for (place, call) in calls.enumerated() {
            switch call.action {
            case .grant(let token, _):
                let until = beliefs[token] ?? 0
                mayEnd(token, from: areClocksTrusted && until > 0 ? until : call.from)
            case .ended(let token, _):
                calls[place].action = .ended(token: token, isOnly: ends[token, default: 0] < 2)
            default: break
            }
        }
        for end in openEnds { mayEnd(end.token, from: end.from) }
    }

    /// Tokens rise with time, so the lowest that nobody was told of belongs to the earliest acquire of unknown outcome
    /// under that label: if there is any way to give them away, this is one.
    private mutating func explainSightings() {
        sightings.sort { ($0.token, $0.call) < ($1.token, $1.call) }
        openAcquires.sort { $0.from < $1.from }
        var last: UInt64?
        for sighting in sightings where sighting.token != last {
            last = sighting.token
            guard granted[sighting.token] == nil, specification.mayBegin[sighting.token] == nil else { continue }
            guard let place = openAcquires.firstIndex(where: { $0.holder == sighting.holder }) else {
                unexplained.append((sighting.token, sighting.call))
                continue
            }
            let acquire = openAcquires.remove(at: place)
            specification.mayBegin[sighting.token] = acquire.from
            mayEnd(sighting.token, from: acquire.from)
        }
    }
}
