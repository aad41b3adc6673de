internal import LeaseholdBase

/// A process: it has a clock of its own, an inbox, and takes turns as the real loop does.
///
/// A turn has steps: what arrived is taken, the clock is read, everything is handed in, and the effects are carried out
/// one by one. Between two steps a process may stand still (it is preempted, or its disk blocks it), and the world goes
/// on meanwhile; it may also end there.
public class SimulatedProcess {
    /// Its place in the world.
    public let place: Int
    /// For a report.
    public let label: String
    /// How often it was started.
    var life = 0
    /// What it draws in this life is keyed by this and not by how often it was started: the fault that struck it before it
    /// was started, and how often it was since. So a plan without some other end of it leaves the draws as they were.
    private(set) var lifeKey = 0
    /// The number of the latest fault that may have ended it or that ends it.
    var struckBy: Int?
    /// Whether it runs.
    public internal(set) var isUp = false
    /// How many faults want it down.
    var downHolds = 0
    /// Until when it stands still, in true time: it takes no step.
    var stoppedUntil: UInt64 = 0
    /// Until when its machine is suspended, which the end of a process does not change.
    var suspendedUntil: UInt64 = 0
    /// Until when its turn waits for the disk, or it stands still within a turn, in true time.
    var standsUntil: UInt64 = 0
    /// Whether its machine is without power: it takes nothing in and answers nothing.
    var isDark = false
    /// How many faults suspend its machine.
    var suspensions = 0
    /// Whether it takes connections in.
    var isListening = true
    /// How much longer each of its turns takes to come, at most, in microseconds.
    var slowness = 0
    /// What arrived since its last turn.
    var inbox: [Input] = []
    /// Whether its next turn or step is on its way.
    var isTurnScheduled = false
    /// Which of those that were asked for it is: only the latest comes.
    var turnNumber: UInt64 = 0
    /// Whether it is in the middle of a turn.
    var isInTurn = false
    /// When it is woken though nothing arrives.
    var wakeAt = UInt64.max
    /// How many turns were asked for in this life.
    var turns: UInt64 = 0
    /// Its clocks.
    var clock: SimulatedClock
    #if PLANTED_BUGS
    /// What its clocks said when its turn was asked for.
    var firstReading: TimeReading?
    #endif

    init(place: Int, label: String, clock: SimulatedClock) {
        self.place = place
        self.label = label
        self.clock = clock
    }

    /// It is started: a life of its own begins.
    func beginLife() {
        life += 1
        turns = 0
        lifeKey = struckBy.map { ($0 + 1) << 12 | 1 } ?? lifeKey + 1
        struckBy = nil
    }

    /// What its clocks say at a point of true time.
    func reading(at trueTime: UInt64) -> TimeReading { clock.reading(at: trueTime) }

    /// Whether it stands still.
    public func isStopped(at now: UInt64) -> Bool { now < stoppedUntil }

    /// Whether its machine takes nothing in and answers nothing: nobody is told why.
    var isDeaf: Bool { isDark || suspensions > 0 }

    /// Takes what arrived and begins the turn; it may end in the middle, to be gone on with.
    func beginTurn(_ world: World) {}

    /// Goes on with a turn that stands.
    func goOn(_ world: World) {}

    /// How many bytes of a connection it has read and not consumed.
    func unconsumed(_ connection: ConnectionID) -> Int { 0 }

    /// When it wants its next turn, on its own clock.
    var deadline: SteadyTime { .never }
}
