public import LeaseholdBase

/// Random numbers by name: the same question gets the same answer, whatever else is asked.
///
/// A run that is shrunk leaves out faults, clients and time; what is left must stay as it was. So a draw depends on the
/// seed, the place that asks, for whom, and how often it has asked before, and on nothing that happened elsewhere.
public struct Draws: Hashable, Sendable {
    /// Who asks. The numbers are part of the replay format: a site is never renumbered.
    public enum Site: UInt64, CaseIterable, Sendable {
        /// How long a packet is under way.
        case latency = 1
        /// Whether a packet is in the tail, and how late.
        case tail
        /// Whether a packet is lost.
        case loss
        /// Whether a packet arrives twice.
        case duplication
        /// Whether an old packet is sent again.
        case replay
        /// Whether a packet may overtake.
        case reordering
        /// Whether bits of a packet are turned over, and which.
        case corruption
        /// How long a turn takes to come.
        case turn
        /// How long a process stands between two steps of a turn.
        case stumble
        /// How long a disk takes.
        case diskTime
        /// What a crash leaves of unsynced writes.
        case diskCrash
        /// Where a disk is damaged.
        case diskDamage
        /// A process's clock.
        case clock
        /// A client's work.
        case work
        /// Seeds that are handed to nodes and clients.
        case seed
        /// The configuration of the run.
        case plan
        /// The schedule of one kind of fault.
        case schedule
        /// Where a packet is cut in two.
        case fragment
        /// When what could not get through is sent again.
        case retransmission
        /// What a write or a sync that fails does all the same.
        case diskFailure
        /// Whether a full disk has room for a name.
        case diskSpace
        /// Which reads are short.
        case diskShort
    }

    /// The run's seed.
    public let seed: UInt64

    /// Draws that follow from a seed.
    public init(seed: UInt64) { self.seed = seed }

    /// 64 random bits for a place, two numbers that say for whom, and how often it has asked.
    public func bits(_ site: Site, _ first: Int = 0, _ second: Int = 0, _ count: UInt64 = 0) -> UInt64 {
        var bits = mix(seed &+ site.rawValue &* 0x9E37_79B9_7F4A_7C15)
        bits = mix(
            bits ^ UInt64(truncatingIfNeeded: first) &* 0xD6E8_FEB8_6659_FD93 ^ UInt64(truncatingIfNeeded: second) << 32
        )
        return mix(bits ^ count &* 0xA076_1D64_78BD_642F)
    }

    /// A number below a bound that is not zero.
    public func below(_ bound: UInt64, _ site: Site, _ first: Int = 0, _ second: Int = 0, _ count: UInt64 = 0) -> UInt64
    {
        bits(site, first, second, count).multipliedFullWidth(by: bound).high
    }

    /// A generator for a part of the run that needs many draws in a row.
    public func source(_ site: Site, _ first: Int = 0, _ second: Int = 0, _ count: UInt64 = 0) -> RandomSource {
        RandomSource(seed: bits(site, first, second, count))
    }
}
