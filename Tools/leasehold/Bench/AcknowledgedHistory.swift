package import LeaseholdBase

/// What a log of acknowledged operations says was promised, name by name, and whether promises contradict each other or
/// the cluster.
///
/// What cannot be known is no lie: an operation without an answer may have happened or not, and of two whose times
/// overlap either may have been first.
package struct AcknowledgedHistory: Sendable {
    /// The newest tenure of a name that was acknowledged.
    private struct Tenure {
        var claim: ClaimID
        var token: FencingToken
        /// When its acquire was answered; nil when the log begins later.
        var granted: SteadyTime?
        /// When the acquire or renewal was sent that it lives from.
        var extended: SteadyTime
        var ttl: Nanoseconds
        /// When the first release was sent, answered or not.
        var releaseSent: SteadyTime?
        /// When a release was acknowledged.
        var released: SteadyTime?

        /// It is held for certain until then: a hundredth of the time is left to clocks, and log time to its rounding.
        var heldUntil: SteadyTime { extended + (ttl - ttl / 100 - .milliseconds(10)) }
    }

    private struct Name {
        var tenure: Tenure?
        /// The greatest token that was told for it.
        var greatest = FencingToken(0)
    }

    private var places: [String: Int] = [:]
    private var names: [Name] = []
    /// Lines read.
    package private(set) var lines = 0
    /// Acquires among them.
    package private(set) var acquires = 0
    /// Renewals among them.
    package private(set) var renewals = 0
    /// Releases among them.
    package private(set) var releases = 0
    /// Lines of operations without a known outcome, which promise nothing.
    package private(set) var unknown = 0

    /// Nothing promised yet.
    package init() {}

    /// Every name that was spoken of.
    package var allNames: [String] { Array(places.keys) }

    /// How many names were spoken of.
    package var nameCount: Int { names.count }

    /// Takes in the next line; a lie, when it contradicts those before it.
    package mutating func take(_ line: OperationLog.Line) -> String? {
        lines += 1
        let place = place(of: line.name)
        switch line.operation {
        case .acquire: return acquired(line, at: place)
        case .renew: return renewed(line, at: place)
        case .release:
            releases += 1
            release(line, at: place)
        case .unknown:
            unknown += 1
            release(line, at: place)
        case .read: break
        }
        return nil
    }

    private mutating func place(of name: String) -> Int {
        if let place = places[name] { return place }
        names.append(Name())
        places[name] = names.count - 1
        return names.count - 1
    }

    private mutating func acquired(_ line: OperationLog.Line, at place: Int) -> String? {
        acquires += 1
        guard let claim = line.claim, let token = line.token, let replied = line.replied, let ttl = line.ttl else {
            return "line \(lines): an acquire without claim, token or times"
        }
        let greatest = names[place].greatest
        if let old = names[place].tenure {
            if token == greatest {
                return "line \(lines): \(line.name) was granted twice under token \(token)"
            }
            if let granted = old.granted, granted <= line.sent, token < greatest {
                return "line \(lines): \(line.name) was granted under token \(token) after \(greatest)"
            }
            // Granted between its sending and its answer, while the tenure before it had begun and could not be over.
            let isReleased = old.releaseSent.map { $0 <= replied } ?? false
            if let granted = old.granted, granted <= line.sent, !isReleased, replied < old.heldUntil {
                return
                    "line \(lines): \(line.name) was granted under token \(token) while held under token \(old.token)"
            }
            guard token > old.token else { return nil }
        }
        names[place].greatest = max(greatest, token)
        names[place].tenure = Tenure(claim: claim, token: token, granted: replied, extended: line.sent, ttl: ttl)
        return nil
    }

    private mutating func renewed(_ line: OperationLog.Line, at place: Int) -> String? {
        renewals += 1
        guard let claim = line.claim, let token = line.token, line.replied != nil, let ttl = line.ttl else {
            return "line \(lines): a renewal without claim, token or times"
        }
        names[place].greatest = max(names[place].greatest, token)
        guard var tenure = names[place].tenure else {
            names[place].tenure = Tenure(claim: claim, token: token, granted: nil, extended: line.sent, ttl: ttl)
            return nil
        }
        guard tenure.claim == claim else {
            if let granted = tenure.granted, granted <= line.sent, token < tenure.token {
                return
                    "line \(lines): claim \(claim) of \(line.name) was renewed after token \(tenure.token) was granted"
            }
            return nil
        }
        if tenure.token != token {
            return "line \(lines): claim \(claim) of \(line.name) was renewed under token \(token), not \(tenure.token)"
        }
        if let released = tenure.released, released <= line.sent {
            return "line \(lines): claim \(claim) of \(line.name) was renewed after it was released"
        }
        tenure.extended = max(tenure.extended, line.sent)
        tenure.ttl = ttl
        names[place].tenure = tenure
        return nil
    }

    private mutating func release(_ line: OperationLog.Line, at place: Int) {
        guard var tenure = names[place].tenure, tenure.claim == line.claim else { return }
        tenure.releaseSent = min(tenure.releaseSent ?? .never, line.sent)
        if line.operation == .release, let replied = line.replied {
            tenure.released = min(tenure.released ?? .never, replied)
        }
        names[place].tenure = tenure
    }

    /// Whether a name is held as was promised, when it was read between two times; a lie, when it is not.
    package func check(
        _ name: String, isHeldBy holder: (claim: ClaimID, token: FencingToken)?, asked: SteadyTime, answered: SteadyTime
    ) -> String? {
        guard let place = places[name], let tenure = names[place].tenure else { return nil }
        if let holder, holder.claim == tenure.claim {
            if holder.token != tenure.token {
                return
                    "claim \(holder.claim) of \(name) is held under token \(holder.token), and \(tenure.token) was told"
            }
            if let released = tenure.released, released <= asked {
                return "claim \(holder.claim) of \(name) is held although its release was acknowledged"
            }
            return nil
        }
        if mustBeHeld(name, at: answered) {
            let instead = holder.map { "claim \($0.claim) under token \($0.token) holds it" } ?? "nobody holds it"
            return "\(name) was acknowledged to claim \(tenure.claim) under token \(tenure.token), and \(instead)"
        }
        if let holder, holder.token <= names[place].greatest {
            return "\(name) is held under token \(holder.token), and \(names[place].greatest) was told before"
        }
        return nil
    }

    /// Whether a name is held for certain at a time: its claim was not released, and its time had not passed.
    package func mustBeHeld(_ name: String, at now: SteadyTime) -> Bool {
        guard let place = places[name], let tenure = names[place].tenure else { return false }
        return tenure.releaseSent == nil && now < tenure.heldUntil
    }

    /// What all names begin with.
    package var commonPrefix: String {
        var common: [UInt8]?
        for name in places.keys {
            guard let known = common else {
                common = Array(name.utf8)
                continue
            }
            common = zip(known, name.utf8).prefix { $0 == $1 }.map(\.0)
        }
        var prefix = common ?? []
        // A character that was cut in two is no beginning.
        while !prefix.isEmpty {
            if let text = String(validating: prefix, as: UTF8.self) { return text }
            prefix.removeLast()
        }
        return ""
    }
}
