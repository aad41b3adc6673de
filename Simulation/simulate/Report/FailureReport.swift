package import Simulator

/// What a person needs of a failed run: at most 25 lines of at most 110 columns.
package struct FailureReport {
    /// How many lines there are at most.
    package static let linesMost = 25
    private let report: Report
    private let outcome: Outcome
    private let events: [TraceEvent]
    private let command: String

    /// A report on a run that failed.
    /// - Parameters:
    ///   - outcome: How the run ended; nil: as the report says.
    ///   - events: What a recorder saw, oldest first; empty when there was none.
    ///   - command: The line that runs it again.
    package init(_ report: Report, outcome: Outcome? = nil, events: [TraceEvent], command: String) {
        self.report = report
        self.outcome = outcome ?? Outcome(report.verdict)
        self.events = events
        self.command = command
    }

    /// What was seen first, in one line; empty when all is well.
    package static func headline(_ report: Report) -> String {
        if let first = report.violations.first {
            return "property \(first.property), \(Property.name(of: first.property)): \(first.process) \(first.what)"
        }
        if let first = report.stuck.first { return first }
        let lacking = report.figures.lacking(in: report.plan)
        return lacking.isEmpty ? "" : "too little happened: no \(lacking.joined(separator: ", no "))"
    }

    /// The lines.
    package var lines: [String] {
        var lines = ["seed \(report.plan.seed) profile \(report.plan.profile.rawValue) FAILED: \(outcome.rawValue)"]
        lines += contradiction
        lines += report.nodes.prefix(5).map { clipped("  " + $0) }
        let faults = report.activeFaults.prefix(4)
        lines.append(faults.isEmpty ? "  no fault under way" : "  faults under way (\(report.activeFaults.count)):")
        lines += faults.map { clipped("    " + $0) }
        let last = latest(Self.linesMost - lines.count - 2)
        if !last.isEmpty { lines += ["  last events:"] + last }
        return lines + ["  again with: \(command)"]
    }

    /// The two facts that cannot both be, or what did not happen.
    package var contradiction: [String] {
        if let first = report.violations.first {
            let head =
                "  property \(first.property), \(Property.name(of: first.property)), at \(seconds(first.at)), event "
                + "\(first.event)"
            return [clipped(head)] + folded("\(first.process) \(first.what)", indent: "  ", lines: 3)
                + (first.against.isEmpty ? [] : folded("but \(first.against)", indent: "  ", lines: 3))
        }
        if !report.stuck.isEmpty {
            return report.stuck.prefix(6).flatMap { folded($0, indent: "  ", lines: 2) }.prefix(8).map { $0 }
        }
        return [clipped("  " + Self.headline(report))]
    }

    /// The newest events that have to do with the violation: those of the processes that it names. When it names none,
    /// what is rare: starts, ends, roles, faults, and what nodes told.
    private func latest(_ room: Int) -> [String] {
        guard room > 0 else { return [] }
        guard !events.isEmpty else { return report.latest.suffix(room).map { clipped("    " + $0) } }
        let concerned = self.concerned
        var chosen: [String] = []
        var index = events.count
        while index > 0, chosen.count < room {
            index -= 1
            let event = events[index]
            let isNear =
                concerned.isEmpty
                ? Self.isRare(event.kind)
                : event.place < 0 || concerned.contains(event.place) || concerned.contains(event.other)
            guard isNear, Self.isTelling(event) else { continue }
            let line = clipped("    " + Self.line(event, nodes: report.plan.nodes))
            if chosen.last != line { chosen.append(line) }
        }
        return chosen.reversed()
    }

    /// The places of the processes that the violation speaks of.
    package var concerned: [Int] {
        guard let first = report.violations.first else { return [] }
        let text = "\(first.process) \(first.what) \(first.against) "
        var places: [Int] = []
        for place in 0..<(report.plan.nodes + report.plan.clients) {
            let label = Self.label(place, nodes: report.plan.nodes)
            if text.contains(label + " ") || text.contains(label + ",") || text.contains(label + ":") {
                places.append(place)
            }
        }
        return places
    }

    /// What a process is called, by its place.
    package static func label(_ place: Int, nodes: Int) -> String {
        if place < 0 { return "world" }
        return place < nodes ? "node \(place + 1)" : "client \(place - nodes + 1)"
    }

    private static func isTelling(_ event: TraceEvent) -> Bool {
        switch event.kind {
        case .extends, .disk, .violated: false
        // Heartbeats and their acknowledgements would fill any room.
        case .sent, .lost: !["heartbeat", "accepted", "ping", "pong"].contains { event.text.hasPrefix($0) }
        default: true
        }
    }

    private static func isRare(_ kind: TraceEvent.Kind) -> Bool {
        switch kind {
        case .started, .ended, .paused, .role, .faultBegan, .faultEnded, .log: true
        default: false
        }
    }

    /// An event for people, without its end.
    package static func line(_ event: TraceEvent, nodes: Int) -> String {
        let who = label(event.place, nodes: nodes)
        let other = label(event.other, nodes: nodes)
        let what =
            switch event.kind {
            case .started: "starts"
            case .ended: "ends: \(event.text)"
            case .paused: "stands still for \(seconds(event.value))"
            case .role: "is \(event.text) in term \(event.value)"
            case .committed: "commits \(event.value)"
            case .sent: "-> \(other): \(event.text)"
            case .lost: "-> \(other), lost: \(event.text)"
            case .disk: "disk: \(event.text)"
            case .believes: "believes in \(event.text), token \(event.value)"
            case .extends: "believes until \(seconds(event.value))"
            case .believesNoMore: "believes no more in \(event.text)"
            case .client: event.text
            case .faultBegan: "fault begins: \(event.text)"
            case .faultEnded: "fault #\(event.value) ends"
            case .log: event.text
            case .violated: "VIOLATED: \(event.text)"
            }
        return "\(seconds(event.at)) #\(event.event) \(who) \(what)"
    }
}
