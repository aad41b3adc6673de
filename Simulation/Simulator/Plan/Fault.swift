/// One thing that goes wrong, at a time of the run and for some time.
public struct Fault: Codable, Hashable, Sendable {
    /// Whom it strikes.
    public enum Target: Codable, Hashable, Sendable {
        /// Processes by place: nodes first, then clients.
        case places([Int])
        /// Whichever node leads then; none when nobody does for two seconds.
        case leader
        /// Whichever node follows, the n-th of them.
        case follower(Int)
    }

    /// Which one of the plan's faults it is; kept when others are dropped.
    public var number: Int
    /// What goes wrong.
    public var kind: FaultKind
    /// When, in milliseconds of true time.
    public var at: Int
    /// For how long, in milliseconds.
    public var lasts: Int
    /// Whom it strikes.
    public var target: Target
    /// From whom the target is cut off, for faults between two groups; empty for all others.
    public var others: [Int]
    /// How bad it is, as its kind says.
    public var strength: Int

    /// Joins the parts.
    public init(
        number: Int, kind: FaultKind, at: Int, lasts: Int, target: Target, others: [Int] = [], strength: Int = 0
    ) {
        self.number = number
        self.kind = kind
        self.at = at
        self.lasts = lasts
        self.target = target
        self.others = others
        self.strength = strength
    }

    /// Whether a packet that meets it is lost; one that a cut does not lose is kept until something passes again.
    var losesPackets: Bool {
        switch kind {
        case .loss: true
        case .split, .oneWay, .bridge, .ring, .flapping: number % 2 == 0
        default: false
        }
    }

    /// Whether it makes a clock wrong beyond what is agreed on.
    var misleads: Bool { kind.breaksBeliefs && (kind != .rate || strength.magnitude > ClaimLedger.drift) }

    /// Whether it ends processes, or is to.
    var endsProcesses: Bool {
        switch kind {
        case .crash, .powerLoss, .crashAtWrite, .powerLossAtWrite, .gracefulStop, .wipe, .clientCrash: true
        case .rot, .lostWrite, .misdirectedWrite, .writeError, .syncError, .readError: true
        default: false
        }
    }

    /// For people: `#12 split at 4200 ms for 1500 ms: node 2 | nodes 1 3, client 4`, in a cluster of so many nodes.
    public func description(nodes: Int) -> String {
        let whom =
            switch target {
            case .places(let places): Self.names(places, nodes)
            case .leader: "the leader"
            case .follower: "a follower"
            }
        let rest = others.isEmpty ? "" : " | " + Self.names(others, nodes)
        let degree = kind.words(strength: strength)
        return "#\(number) \(kind.rawValue) at \(at) ms for \(lasts) ms: \(whom)\(rest)"
            + (degree.isEmpty ? "" : ", \(degree)")
    }

    /// `nodes 1 3, client 2`.
    private static func names(_ places: [Int], _ nodes: Int) -> String {
        func group(_ name: String, _ numbers: [Int]) -> [String] {
            if numbers.isEmpty { return [] }
            return [([numbers.count == 1 ? name : name + "s"] + numbers.map(String.init)).joined(separator: " ")]
        }
        let clients = places.filter { $0 >= nodes }.map { $0 - nodes + 1 }
        return (group("node", places.filter { $0 < nodes }.map { $0 + 1 }) + group("client", clients))
            .joined(separator: ", ")
    }
}

/// How often a kind of fault comes in a run, and how bad it is.
public struct FaultRule: Codable, Hashable, Sendable {
    /// What goes wrong.
    public var kind: FaultKind
    /// How probable it is in each second of the run in which it may come, of a thousand.
    public var perThousandSeconds: Int
    /// How long it lasts at least, in milliseconds.
    public var lastsAtLeast: Int
    /// How long it lasts at most, in milliseconds.
    public var lastsAtMost: Int
    /// How long nothing of the kind begins after one has ended, in milliseconds.
    public var cooldown: Int
    /// The least it is.
    public var strengthAtLeast: Int
    /// The worst it is.
    public var strengthAtMost: Int

    /// Joins the parts.
    public init(
        _ kind: FaultKind, perThousandSeconds: Int, lasts: ClosedRange<Int>, cooldown: Int = 0,
        strength: ClosedRange<Int> = 0...0
    ) {
        self.kind = kind
        self.perThousandSeconds = perThousandSeconds
        self.lastsAtLeast = lasts.lowerBound
        self.lastsAtMost = lasts.upperBound
        self.cooldown = cooldown
        self.strengthAtLeast = strength.lowerBound
        self.strengthAtMost = strength.upperBound
    }
}
