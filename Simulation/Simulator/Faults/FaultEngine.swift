import LeaseholdBase

/// Which of a plan's faults are under way, and whom each of them struck.
struct FaultEngine {
    /// One fault of the plan.
    struct State {
        /// Whether it is under way.
        var isActive = false
        /// Whom it struck: places, resolved when it began.
        var places: [Int] = []
        /// From whom they are cut off.
        var others: [Int] = []
        /// Whether a fault that comes and goes is there now.
        var isOn = true
    }

    /// By position in the plan.
    private(set) var states: [State]
    /// Whether the end has begun: what is under way then stays.
    var isHealed = false

    init(_ plan: Plan) { states = [State](repeating: State(), count: plan.faults.count) }

    subscript(position: Int) -> State {
        get { states[position] }
        set { states[position] = newValue }
    }

    /// The positions of the faults that are under way.
    var active: [Int] { states.indices.filter { states[$0].isActive } }
}
