package import LeaseholdBase
package import LeaseholdWire

/// Which refusals of nodes were told to the operator of late: a misplaced neighbour dials several times a second for as
/// long as nobody looks, and is worth a line now and then.
package struct PeerRefusals: Sendable {
    /// How long the same of the same node is not told again.
    package static let interval: Nanoseconds = .seconds(30)
    /// How many are remembered; whoever is forgotten is told of again.
    package static let remembered = 16

    private struct Told {
        var node: NodeID
        var code: ConnectionErrorCode?
        var at: SteadyTime
        var passedOver: UInt64 = 0
    }

    /// In the order in which they were last told: the first is forgotten first.
    private var told: [Told] = []

    /// How often the same was passed over, behind what is told now.
    static func words(_ passedOver: UInt64) -> String {
        passedOver == 0 ? "" : " (and \(passedOver) times since this was last told)"
    }

    /// Nothing was told yet.
    package init() {}

    /// Whether a refusal is to be told: then how many like it were not told before it, else nil.
    package mutating func mayTell(of node: NodeID, _ code: ConnectionErrorCode?, now: SteadyTime) -> UInt64? {
        guard let place = told.firstIndex(where: { $0.node == node && $0.code == code }) else {
            if told.count == Self.remembered { told.removeFirst() }
            told.append(Told(node: node, code: code, at: now))
            return 0
        }
        guard now - told[place].at >= Self.interval else {
            told[place].passedOver += 1
            return nil
        }
        let passedOver = told.remove(at: place).passedOver
        told.append(Told(node: node, code: code, at: now))
        return passedOver
    }
}
