package import LeaseholdBase
internal import LeaseholdSystem

/// What a benchmark is asked to do.
package struct BenchPlan: Sendable {
    /// The kinds of load.
    package enum Workload: String, CaseIterable, Sendable {
        /// Acquires of distinct names, which stay held.
        case acquire
        /// Renewals of claims that were acquired beforehand.
        case renew
        /// Acquire and release of one name, in turns.
        case cycle
        /// Linearizable reads of leases that are held.
        case read
        /// Acquires while the leader is killed again and again.
        case failover
    }

    /// The kind of load.
    package var workload: Workload
    /// How many connections, each with a client of its own.
    package var connections = 64
    /// How many requests are under way on each.
    package var depth = 1
    /// How long; nil when only the count ends it.
    package var length: Nanoseconds? = .seconds(5)
    /// After how many operations it ends; nil when only the time does.
    package var count: Int?
    /// Of the leases acquired.
    package var ttl = Nanoseconds.seconds(60)
    /// What names begin with.
    package var prefix: String
    /// How many claims one renewal names.
    package var leasesPerRenew = 1
    /// How often the leader is killed.
    package var rounds = 20
    /// How long one operation may take.
    package var timeout = Nanoseconds.seconds(10)
    /// How long a lane waits between two operations.
    package var pause = Nanoseconds.zero

    /// A plan with the usual sizes.
    package init(_ workload: Workload, prefix: String) {
        self.workload = workload
        self.prefix = prefix
    }

    /// Requests under way at a time.
    package var lanes: Int { connections * depth }

    /// What the arguments ask for.
    package init(_ arguments: Arguments) throws(CommandFailure) {
        let words = Workload.allCases.map(\.rawValue)
        let text = try arguments.required("workload")
        guard let workload = Workload(rawValue: text) else {
            let hint = nearest(to: text, among: words).map { "; did you mean \($0)?" } ?? ""
            throw CommandFailure(
                .usage, "--workload takes \(words.joined(separator: ", ")), not '\(text)'\(hint)")
        }
        self.init(workload, prefix: arguments.text("prefix") ?? Self.freshPrefix())
        connections = try arguments.integer("connections", in: 1...10_000) ?? connections
        depth = try arguments.integer("depth", in: 1...1_024) ?? depth
        count = try arguments.integer("count", in: 1...1_000_000_000)
        if let seconds = try arguments.integer("seconds", in: 1...86_400) {
            length = .seconds(Int64(seconds))
        } else if count != nil {
            length = nil
        }
        ttl = try arguments.duration("ttl") ?? ttl
        leasesPerRenew = try arguments.integer("leases-per-renew", in: 1...1_000) ?? leasesPerRenew
        rounds = try arguments.integer("rounds", in: 1...10_000) ?? rounds
        timeout = try arguments.timeout()
        // A killed leader is to be missed at once, and not buried under work that nobody measures.
        if workload == .failover { pause = .milliseconds(10) }
    }

    /// Names of an earlier run may still be held.
    private static func freshPrefix() -> String {
        let random = (try? SystemRandom.next()) ?? SystemClocks.steady.rawValue
        return "bench/\(hexadecimal(random).suffix(6))/"
    }

    /// A name: the prefix and twelve digits.
    package func name(_ number: Int) -> String {
        let digits = 12
        let prefix = prefix.utf8
        return unsafe String(unsafeUninitializedCapacity: prefix.count + digits) { buffer in
            var place = 0
            for byte in prefix {
                unsafe buffer[place] = byte
                place += 1
            }
            var rest = number
            for digit in stride(from: place + digits - 1, through: place, by: -1) {
                unsafe buffer[digit] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            return place + digits
        }
    }
}
