/// Since when a majority of the nodes has been well without a break: up, attentive, with quick disks, each reaching the
/// others, and led by one of their own if by anybody.
///
/// What is promised of time (properties 16 and 23) is promised while that lasts. Of the sets of nodes that are a majority,
/// each is followed by itself: a majority that changes its members is none that can get anything done.
struct MajorityHealth {
    /// Sets of places as bits; of up to seven nodes.
    private var since: [UInt64?]
    private let nodes: Int
    private var sampled: UInt64 = 0
    /// A gap between two samples longer than this breaks what was followed, in nanoseconds.
    static let longestGap: UInt64 = 1_000_000_000

    init(nodes: Int) {
        self.nodes = min(nodes, 7)
        since = [UInt64?](repeating: nil, count: 1 << min(nodes, 7))
    }

    private func isMajority(_ set: Int) -> Bool { set.nonzeroBitCount > nodes / 2 }

    /// How things stand now.
    ///
    /// - Parameters:
    ///   - fit: The places of the nodes that are up, attentive and have quick disks, as bits.
    ///   - reaches: For each place, the places that it reaches both ways over paths without faults, as bits.
    ///   - leader: The place of the leader of the newest term, if it has one.
    mutating func sample(at now: UInt64, fit: Int, reaches: [Int], leader: Int?) {
        let isLate = now > sampled + Self.longestGap
        sampled = now
        for set in since.indices where isMajority(set) {
            let isWell = set & ~fit == 0 && isConnected(set, reaches) && (leader.map { set & (1 << $0) != 0 } ?? true)
            if !isWell {
                since[set] = nil
            } else if isLate || since[set] == nil {
                since[set] = now
            }
        }
    }

    /// Something struck these places: whoever they belong to begins anew.
    mutating func disturbed(_ places: [Int], at now: UInt64) {
        for place in places where place < nodes {
            for set in since.indices where set & (1 << place) != 0 && since[set] != nil { since[set] = now }
        }
    }

    private func isConnected(_ set: Int, _ reaches: [Int]) -> Bool {
        for place in 0..<nodes where set & (1 << place) != 0 {
            if set & ~(reaches[place] | 1 << place) != 0 { return false }
        }
        return true
    }

    /// Since when some majority has been well.
    var wellSince: UInt64? { since.compactMap { $0 }.min() }
}
