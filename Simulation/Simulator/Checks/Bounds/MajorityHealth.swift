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
    private var groups: [Int] = []
    /// A gap between two samples longer than this breaks what was followed, in nanoseconds.
    static let longestGap: UInt64 = 1_000_000_000

    init(nodes: Int) {
        self.nodes = min(nodes, 7)
        since = [UInt64?](repeating: nil, count: 1 << min(nodes, 7))
    }

    private func isMajority(_ set: Int, _ groups: [Int]) -> Bool {
        groups.allSatisfy { (set & $0).nonzeroBitCount > $0.nonzeroBitCount / 2 }
    }

    /// How things stand now.
    ///
    /// - Parameters:
    ///   - fit: The places of the nodes that are up, attentive and have quick disks, as bits.
    ///   - reaches: For each place, the places that it reaches both ways over paths without faults, as bits.
    ///   - leader: The place of the leader of the newest term, if it has one that can go on leading.
    ///   - groups: Whose votes count, as bits, in each group that has to agree; all in one when none is told.
    mutating func sample(at now: UInt64, fit: Int, reaches: [Int], leader: Int?, groups: [Int] = []) {
        let groups = groups.isEmpty ? [1 << nodes - 1] : groups
        // A majority of other voters is another majority.
        if groups != self.groups { for set in since.indices { since[set] = nil } }
        self.groups = groups
        let isLate = now > sampled + Self.longestGap
        sampled = now
        for set in since.indices where isMajority(set, groups) {
            let isWell = set & ~fit == 0 && isConnected(set, reaches) && (leader.map { set & (1 << $0) != 0 } ?? true)
            if !isWell {
                since[set] = nil
            } else if isLate || since[set] == nil {
                since[set] = now
            }
        }
    }

    /// Something struck these places: whoever they belong to begins anew. What came between places and others strikes
    /// only those to whom some of both belong.
    mutating func disturbed(_ places: [Int], from others: [Int]? = nil, at now: UInt64) {
        let (struck, rest) = (bits(places), others.map(bits))
        for set in since.indices where set & struck != 0 && since[set] != nil {
            if let rest, set & rest == 0 { continue }
            since[set] = now
        }
    }

    private func bits(_ places: [Int]) -> Int {
        places.reduce(0) { $1 < nodes ? $0 | 1 << $1 : $0 }
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
