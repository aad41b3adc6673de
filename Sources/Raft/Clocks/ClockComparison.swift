public import LeaseholdBase

/// Whether another node's steady clock runs as fast as the own one, as far as messages can prove it.
///
/// A node is sent something at `sent`, reads its clock, and answers; the answer comes at `received`. The reading was taken
/// somewhere between the two. Two such exchanges bound the ratio of the rates from both sides, whatever the network did:
/// a slow message widens the bounds and never makes a false proof. Both clocks may be off by ρ, so the ratio may be from
/// (1 − ρ)/(1 + ρ) to (1 + ρ)/(1 − ρ).
///
/// One proof is no rate: a machine that is suspended together with its clock, or a clock that jumps, makes one too. So
/// time is cut into spans that do not overlap, each as long as it takes to prove something and a second at least, and a
/// clock counts as ahead or behind when so many spans in a row have proved the same. What happens once is in one span.
///
/// Over slow links it says little. A difference of x beyond what is allowed is proved in 2 w / x, where w is how long the
/// exchanges take: for 1 % that is a fraction of a second at 1 ms, and 20 s at 100 ms. What takes longer than 30 s is
/// not proved at all, and what was proved before is not held on to. Constant memory and time an exchange.
public struct ClockComparison: Hashable, Sendable {
    /// What is proved.
    public enum Verdict: Hashable, Sendable {
        /// Nothing: too little was heard, or the bounds are too wide.
        case unknown
        /// The rates differ by no more than they may.
        case agrees
        /// The other clock runs too fast, or the own one too slowly.
        case ahead
        /// The other clock runs too slowly, or the own one too fast.
        case behind
    }

    /// A stretch of the own clock, during which the other clock advanced by more, or by less, than it may.
    public struct Evidence: Hashable, Sendable {
        /// Which of the two: ahead or behind.
        public let verdict: Verdict
        /// When it began, by the own clock.
        public let from: SteadyTime
        /// When it ended, by the own clock.
        public let to: SteadyTime
    }

    /// One exchange.
    private struct Exchange: Hashable {
        var sent: SteadyTime
        var reading: SteadyTime
        var received: SteadyTime

        init(sent: SteadyTime, reading: SteadyTime, received: SteadyTime) {
            (self.sent, self.reading, self.received) = (sent, reading, received)
            #if PLANTED_BUGS
            if planted(.clockReadAtMidpoint), received > sent {
                self.sent = sent + (received - sent) / 2
                self.received = self.sent
            }
            #endif
        }

        var width: Nanoseconds { received - sent }
    }

    /// How long a span lasts at least.
    public static let span: Nanoseconds = .seconds(1)
    /// How long a span lasts, at least, until it is given up because it has proved nothing.
    public static let window: Nanoseconds = .seconds(30)
    /// How many spans in a row have to prove the same.
    public static let spansNeeded = 3

    /// What the last spans have proved.
    public private(set) var verdict = Verdict.unknown
    /// What the last span has proved, if that is a difference.
    public private(set) var evidence: Evidence?

    private let slowest: UInt64
    private let fastest: UInt64
    private var reference: Exchange?
    /// When the span began.
    private var began = SteadyTime.zero
    /// The narrowest exchange since the reference was taken.
    private var successor: Exchange?
    /// What the last spans have proved alike, and how many they are.
    private var alike = Verdict.unknown
    private var count = 0

    /// Compares with a clock of unknown rate.
    ///
    /// - Parameter driftPartsPerMillion: ρ, below 1,000,000.
    public init(driftPartsPerMillion: UInt32) {
        let drift = UInt64(Swift.min(driftPartsPerMillion, 999_999))
        slowest = 1_000_000 - drift
        fastest = 1_000_000 + drift
    }

    /// An exchange took place. One that contradicts itself, or goes back, begins anew: the other may have been started
    /// again since, on a clock with another zero.
    public mutating func note(sent: SteadyTime, reading: SteadyTime, received: SteadyTime) {
        let exchange = Exchange(sent: sent, reading: reading, received: received)
        guard sent <= received, let reference, reading >= reference.reading, exchange.sent >= reference.received else {
            if sent <= received, reference.map({ reading < $0.reading }) ?? true {
                forget()
                begin(with: exchange)
            }
            return
        }
        if exchange.sent - began < Self.span {
            // A narrower one proves more; and it leaves out what came before, which is no loss to a rate.
            if exchange.width <= reference.width { self.reference = exchange }
            return
        }
        let proved = judge(reference, exchange)
        if proved != .unknown {
            conclude(proved, from: reference, to: exchange)
            return begin(with: exchange)
        }
        if successor.map({ exchange.width <= $0.width }) ?? true { successor = exchange }
        if exchange.sent - began >= Self.window, let successor {
            conclude(.unknown, from: reference, to: exchange)
            begin(with: successor)
        }
    }

    /// Begins anew: the connection was lost, and the other may be in another life.
    public mutating func forget() {
        (reference, successor, verdict, evidence) = (nil, nil, .unknown, nil)
        (alike, count) = (.unknown, 0)
    }

    private mutating func begin(with exchange: Exchange) {
        (reference, successor, began) = (exchange, nil, exchange.received)
    }

    /// A span has proved something, or nothing.
    private mutating func conclude(_ proved: Verdict, from first: Exchange, to last: Exchange) {
        count = alike == proved ? Swift.min(count + 1, Self.spansNeeded) : 1
        alike = proved
        switch proved {
        case .ahead: evidence = Evidence(verdict: proved, from: first.sent, to: last.received)
        case .behind: evidence = Evidence(verdict: proved, from: first.received, to: last.sent)
        case .agrees, .unknown: evidence = nil
        }
        let isDifference = proved == .ahead || proved == .behind
        if !isDifference || count >= Self.spansNeeded {
            verdict = proved
        } else if verdict != proved, verdict != .agrees {
            verdict = .unknown
        }
    }

    private func judge(_ first: Exchange, _ second: Exchange) -> Verdict {
        let theirs = second.reading.rawValue - first.reading.rawValue
        let longest = second.received.rawValue - first.sent.rawValue
        let shortest = second.sent.rawValue - first.received.rawValue
        if exceeds(theirs, slowest, longest, fastest) { return .ahead }
        if exceeds(shortest, slowest, theirs, fastest) { return .behind }
        let mayDiffer =
            exceeds(theirs, slowest, shortest, fastest) || exceeds(longest, slowest, theirs, fastest)
        return mayDiffer ? .unknown : .agrees
    }

    /// Whether the first product is greater than the second, of whatever size they are.
    private func exceeds(_ left: UInt64, _ leftFactor: UInt64, _ right: UInt64, _ rightFactor: UInt64) -> Bool {
        let (greater, lesser) = (left.multipliedFullWidth(by: leftFactor), right.multipliedFullWidth(by: rightFactor))
        return (greater.high, greater.low) > (lesser.high, lesser.low)
    }
}
