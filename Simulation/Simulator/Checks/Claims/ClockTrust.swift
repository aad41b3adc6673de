import LeaseholdBase

/// Since when whose clocks can be relied on: nothing is promised of time while a clock runs beyond what is agreed on, jumps,
/// or stands still with its machine where that is not counted.
///
/// What was begun a while after it is right again is promised as ever: so one client that is misled hides nothing that
/// others do, and nothing that came before.
struct ClockTrust {
    /// By process: how many faults make its clock wrong now, and when the last of them ended.
    private var faults: [Int]
    private var wrongUntil: [UInt64]
    private let nodes: Int
    /// How long a request may have been under way, and a belief may last: it counts from when the request was sent.
    static let longestRequest: UInt64 = 15_000_000_000

    init(nodes: Int = 0, clients: Int = 0) {
        self.nodes = nodes
        faults = [Int](repeating: 0, count: nodes + clients)
        wrongUntil = [UInt64](repeating: 0, count: nodes + clients)
    }

    /// A fault makes a clock wrong.
    mutating func misled(_ process: Int) {
        while faults.count <= process {
            faults.append(0)
            wrongUntil.append(0)
        }
        faults[process] += 1
        wrongUntil[process] = .max
    }

    /// It does so no longer.
    mutating func mended(_ process: Int, at now: UInt64) {
        guard process < faults.count, faults[process] > 0 else { return }
        faults[process] -= 1
        if faults[process] == 0 { wrongUntil[process] = now }
    }

    /// Until when some node's clock was wrong; the greatest time there is while one is.
    var nodesWrongUntil: UInt64 { wrongUntil.prefix(nodes).max() ?? 0 }

    /// Whether a process was right to believe in what it was told, and the nodes in what they told it.
    func isRight(_ process: Int, toldAt time: UInt64) -> Bool {
        let own = process < wrongUntil.count ? wrongUntil[process] : 0
        let wrong = max(own, nodesWrongUntil)
        return wrong == 0 || wrong < .max - Self.longestRequest && wrong + Self.longestRequest < time
    }
}
