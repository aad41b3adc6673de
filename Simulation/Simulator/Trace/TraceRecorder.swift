/// Collects what happens in a run, and its running hash after each event, when somebody wants to see it.
public final class TraceRecorder {
    /// What happened, oldest first.
    public private(set) var events: [TraceEvent] = []
    /// The running hash after each event of the world; kept only when wanted.
    public private(set) var hashes: [UInt64] = []
    /// Whether hashes are kept.
    public let keepsHashes: Bool
    /// How many events are kept at most; later ones are counted only.
    public let limit: Int
    /// How many events were not kept.
    public private(set) var dropped = 0

    /// Told the number of each event of the world before it happens.
    public var beforeEvent: ((UInt64) -> Void)?

    /// What was recorded last of each process, by place.
    private var states: [RecordedState] = []

    /// A recorder for so many events.
    public init(limit: Int = 2_000_000, keepsHashes: Bool = false) {
        self.limit = limit
        self.keepsHashes = keepsHashes
    }

    /// Notes what happened.
    public func record(_ event: TraceEvent) {
        if events.count < limit { events.append(event) } else { dropped += 1 }
    }

    func state(of place: Int) -> RecordedState { place < states.count ? states[place] : RecordedState() }

    func remember(_ state: RecordedState, of place: Int) {
        while states.count <= place { states.append(RecordedState()) }
        states[place] = state
    }

    func note(_ hash: UInt64) { if keepsHashes { hashes.append(hash) } }
}
