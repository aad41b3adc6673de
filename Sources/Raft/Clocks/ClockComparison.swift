public import LeaseholdBase

/// Whether another node's steady clock runs as fast as the own one, as far as messages can prove it.
///
/// A node is sent something at `sent`, reads its clock, and answers; the answer comes at `received`. The reading was taken
/// somewhere between the two. Two such exchanges bound the ratio of the rates from both sides, whatever the network did:
/// a slow message widens the bounds and never makes a false alarm. Both clocks may be off by ρ, so the ratio may be from
/// (1 − ρ)/(1 + ρ) to (1 + ρ)/(1 − ρ).
///
/// Exchanges are compared with one of 30 to 60 s before: the answers of a link of 1 ms show a difference of 1 % after a
/// fraction of a second, those of one of 100 ms after half a minute. Constant memory and time an exchange.
public struct ClockComparison: Hashable, Sendable {
    /// What is proved.
    public enum Verdict: Hashable, Sendable {
        /// Nothing yet: the bounds are too wide.
        case unknown
        /// The rates differ by no more than they may.
        case agrees
        /// The other clock runs too fast, or the own one too slowly.
        case ahead
        /// The other clock runs too slowly, or the own one too fast.
        case behind
    }

    /// One exchange.
    private struct Exchange: Hashable {
        var sent: SteadyTime
        var reading: SteadyTime
        var received: SteadyTime

        var width: Nanoseconds { received - sent }
    }

    /// How old an exchange is, at least, when a later one takes its place as the one to compare with.
    public static let window: Nanoseconds = .seconds(30)

    /// The last thing that was proved.
    public private(set) var verdict = Verdict.unknown

    private let slowest: UInt64
    private let fastest: UInt64
    private var reference: Exchange?
    /// The narrowest exchange since the reference was taken.
    private var successor: Exchange?

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
        guard sent <= received, let reference, reading >= reference.reading, sent >= reference.received else {
            if sent <= received, reference.map({ reading < $0.reading }) ?? true { forget(beginning: exchange) }
            return
        }
        judge(reference, exchange)
        if successor.map({ exchange.width <= $0.width }) ?? true { successor = exchange }
        if exchange.sent - reference.received >= Self.window {
            self.reference = successor
            successor = nil
        }
    }

    /// Begins anew: the connection was lost, and the other may be in another life.
    public mutating func forget() {
        (reference, successor, verdict) = (nil, nil, .unknown)
    }

    private mutating func forget(beginning exchange: Exchange) {
        forget()
        reference = exchange
    }

    private mutating func judge(_ first: Exchange, _ second: Exchange) {
        let theirs = second.reading.rawValue - first.reading.rawValue
        let longest = second.received.rawValue - first.sent.rawValue
        let shortest = second.sent.rawValue - first.received.rawValue
        if exceeds(theirs, slowest, longest, fastest) {
            verdict = .ahead
        } else if exceeds(shortest, slowest, theirs, fastest) {
            verdict = .behind
        } else if !exceeds(theirs, slowest, shortest, fastest), !exceeds(longest, slowest, theirs, fastest) {
            verdict = .agrees
        }
    }

    /// Whether the first product is greater than the second, of whatever size they are.
    private func exceeds(_ left: UInt64, _ leftFactor: UInt64, _ right: UInt64, _ rightFactor: UInt64) -> Bool {
        let (greater, lesser) = (left.multipliedFullWidth(by: leftFactor), right.multipliedFullWidth(by: rightFactor))
        return (greater.high, greater.low) > (lesser.high, lesser.low)
    }
}
