#if PLANTED_BUGS
import LeaseholdBase
#endif

/// Collects what contradicts properties, unless a property is switched off.
///
/// Checkers are values that take facts in and hand contradictions to one of these, so that each can be shown to find
/// what is made up for it, and to find nothing when its property is switched off.
struct Findings: Sendable {
    /// What was found, in order.
    private(set) var violations: [Violation] = []
    /// Properties that are not looked at, one bit a number.
    private var disabled: UInt64 = 0
    /// The world's time and event, as of the event under way.
    var now: UInt64 = 0
    /// The number of the event under way.
    var event: UInt64 = 0

    /// Nothing found yet, all properties on but those named.
    init(disabled: Set<Int> = []) {
        for property in disabled.sorted() where (0..<64).contains(property) { self.disabled |= 1 << UInt64(property) }
    }

    /// Whether nothing was found.
    var isEmpty: Bool { violations.isEmpty }

    /// Whether a property is looked at.
    func isOn(_ property: Int) -> Bool {
        #if PLANTED_BUGS
        // A mistake made on purpose is to be seen from outside: what the modules state of themselves is not asked.
        if property == 0, unsafe PlantedBugs.active != nil { return false }
        #endif
        return disabled & (1 << UInt64(property)) == 0
    }

    /// Two facts contradict each other. The words are made only when the property is looked at.
    mutating func add(
        _ property: Int, by process: @autoclosure () -> String, _ what: @autoclosure () -> String,
        _ against: @autoclosure () -> String
    ) {
        guard isOn(property) else { return }
        violations.append(
            Violation(property, at: now, event: event, by: process(), what: what(), against: against()))
    }

    /// The run ends here, whatever is looked at.
    mutating func abort(_ what: String) {
        violations.append(Violation(0, at: now, event: event, by: "the run", what: what, against: ""))
    }

    /// What a judge of the whole run has found.
    mutating func add(_ violation: Violation) {
        guard isOn(violation.property) else { return }
        var violation = violation
        violation.event = event
        violations.append(violation)
    }
}
