import LeaseholdBase
package import Simulator

/// Makes a picture of what a recorder saw.
package struct PictureBuilder {
    private var picture: Picture
    private let plan: Plan
    private var upSince: [Int?]
    private var roleSince: [(at: Int, role: Int, term: Int)?]
    private var open: [Belief] = []
    private var wordPlaces: [String: Int] = [:]
    private var faultPlaces: [Int: Int] = [:]

    private struct Belief {
        var lane: Int
        var name: Int
        var token: Int
        var from: Int
        var to: Int
    }

    /// The picture of a run.
    static func picture(of seen: Observation, command: String) -> Picture {
        picture(of: seen.report, outcome: seen.outcome, recorder: seen.recorder, command: command)
    }

    /// The picture of a run that ended so; nil: as its report says.
    package static func picture(
        of report: Report, outcome: Outcome? = nil, recorder: TraceRecorder, command: String
    ) -> Picture {
        var builder = PictureBuilder(
            report: report, outcome: outcome ?? Outcome(report.verdict), events: recorder.events, command: command)
        builder.picture.dropped = recorder.dropped
        for event in recorder.events { builder.take(event) }
        builder.finish()
        return builder.picture
    }

    /// A run's hash for people.
    package static func hashText(_ report: Report) -> String { hexadecimal(report.hash) }

    private init(report: Report, outcome: Outcome, events: [TraceEvent], command: String) {
        plan = report.plan
        let processes = plan.nodes + plan.clients
        let last = max(events.last?.at ?? 0, report.violations.first?.at ?? 0, report.figures.milliseconds * 1_000_000)
        let lines =
            outcome == .passed
            ? RunReport.figures(report.figures)
            : FailureReport(report, outcome: outcome, events: events, command: command).lines
        let nodes = plan.nodes
        picture = Picture(
            seed: "\(plan.seed)", profile: plan.profile.rawValue, verdict: outcome.rawValue,
            hash: Self.hashText(report), command: command,
            size: Self.size(report), report: lines,
            violation: FailureReport.headline(report), violationAt: report.violations.first.map { Int($0.at / 1_000) },
            end: Int(last / 1_000), lanes: (0..<processes).map { FailureReport.label($0, nodes: nodes) },
            nodes: nodes)
        upSince = Array(repeating: nil, count: processes)
        roleSince = Array(repeating: nil, count: processes)
        if outcome != .passed {
            let contradiction = FailureReport(report, events: [], command: "").contradiction
            picture.facts = contradiction.map { String($0.drop { $0 == " " }) }
        }
        picture.violationLanes = FailureReport(report, events: [], command: "").concerned
    }

    private static func size(_ report: Report) -> String {
        let figures = report.figures
        return [
            counted(report.plan.nodes, "node"), counted(report.plan.clients, "client"),
            "\(seconds(figures.milliseconds * 1_000_000)) of true time", counted(figures.faults, "fault"),
            counted(figures.packets, "packet"),
        ].joined(separator: ", ")
    }

    private func has(_ lane: Int) -> Bool { picture.lanes.indices.contains(lane) }

    private mutating func take(_ event: TraceEvent) {
        let at = Int(event.at / 1_000)
        let lane = event.place
        let value = Int(clamping: event.value)
        switch event.kind {
        case .faultBegan: faultBegan(value, at: at, lane: lane, text: event.text)
        case .faultEnded: if let place = faultPlaces.removeValue(forKey: value) { picture.faults[place][2] = at }
        case .violated: break
        case _ where !has(lane): break
        case .started: upSince[lane] = at
        case .ended: ended(lane, at: at, text: event.text)
        case .paused: picture.paused.append([lane, at, at + value / 1_000])
        case .role: became(role(event.text), term: value, lane: lane, at: at)
        case .committed: picture.commits.append([lane, at, value])
        case .sent where has(event.other):
            picture.messages.append([lane, event.other, at, at + value / 1_000, word(event.text)])
        case .lost where has(event.other): picture.messages.append([lane, event.other, at, -1, word(event.text)])
        case .sent, .lost: break
        case .disk: picture.notes.append([lane, at, word(event.text), 2])
        case .log: picture.notes.append([lane, at, word(event.text), 1])
        case .client: picture.notes.append([lane, at, word(event.text), 0])
        case .believes:
            close(lane, name(event.text), at: at)
            open.append(Belief(lane: lane, name: name(event.text), token: value, from: at, to: at))
        case .extends:
            for index in open.indices where open[index].lane == lane && isNamed(open[index].name, event.text) {
                open[index].to = value / 1_000
            }
        case .believesNoMore: close(lane, name(event.text), at: at)
        }
    }

    private func isNamed(_ name: Int, _ text: String) -> Bool { text.isEmpty || picture.names[name] == text }

    private mutating func word(_ text: String) -> Int {
        if let place = wordPlaces[text] { return place }
        wordPlaces[text] = picture.words.count
        picture.words.append(text)
        return picture.words.count - 1
    }

    private mutating func name(_ text: String) -> Int {
        if let place = picture.names.firstIndex(of: text) { return place }
        picture.names.append(text)
        return picture.names.count - 1
    }

    private mutating func role(_ text: String) -> Int {
        if let place = picture.roleNames.firstIndex(of: text) { return place }
        picture.roleNames.append(text)
        return picture.roleNames.count - 1
    }

    private mutating func became(_ role: Int, term: Int, lane: Int, at: Int) {
        endRole(lane, at: at)
        roleSince[lane] = (at, role, term)
    }

    private mutating func endRole(_ lane: Int, at: Int) {
        guard let since = roleSince[lane] else { return }
        picture.roles.append([lane, since.at, at, since.role, since.term])
        roleSince[lane] = nil
    }

    private mutating func ended(_ lane: Int, at: Int, text: String) {
        if let since = upSince[lane] { picture.up.append([lane, since, at, word(text)]) }
        upSince[lane] = nil
        endRole(lane, at: at)
        for belief in open where belief.lane == lane { keep(belief, until: at) }
        open.removeAll { $0.lane == lane }
    }

    private mutating func faultBegan(_ number: Int, at: Int, lane: Int, text: String) {
        var lanes = [lane]
        var group = "faults"
        if let fault = plan.faults.first(where: { $0.number == number }) {
            if case .places(let places) = fault.target { lanes = places }
            group = fault.kind.group
        }
        let groupPlace: Int
        if let place = picture.groups.firstIndex(of: group) {
            groupPlace = place
        } else {
            groupPlace = picture.groups.count
            picture.groups.append(group)
        }
        faultPlaces[number] = picture.faults.count
        picture.faults.append([number, at, picture.end, word(text), groupPlace] + lanes.filter(has))
    }

    /// A client's belief ends: when it was told so, or before that when its time was over.
    private mutating func close(_ lane: Int, _ name: Int, at: Int) {
        for belief in open where belief.lane == lane && belief.name == name { keep(belief, until: at) }
        open.removeAll { $0.lane == lane && $0.name == name }
    }

    private mutating func keep(_ belief: Belief, until at: Int) {
        // One that was never told how long it holds, holds until it is told that it does not.
        let end = belief.to > belief.from ? min(belief.to, at) : at
        picture.beliefs.append([belief.lane, belief.name, belief.token, belief.from, end])
    }

    private mutating func finish() {
        let end = picture.end
        for lane in picture.lanes.indices {
            if let since = upSince[lane] { picture.up.append([lane, since, end, -1]) }
            endRole(lane, at: end)
        }
        // A belief that was under way at the end reaches beyond it.
        for belief in open {
            let until = belief.to > belief.from ? belief.to : end
            picture.beliefs.append([belief.lane, belief.name, belief.token, belief.from, until])
        }
        picture.beliefs.sort { ($0[3], $0[0]) < ($1[3], $1[0]) }
        picture.roles.sort { ($0[1], $0[0]) < ($1[1], $1[0]) }
        picture.up.sort { ($0[1], $0[0]) < ($1[1], $1[0]) }
        findOverlaps()
    }

    private mutating func findOverlaps() {
        for name in picture.names.indices {
            let own = picture.beliefs.filter { $0[1] == name }
            for (index, later) in own.enumerated() {
                // Sorted by when they began: those before it may reach into it.
                for earlier in own[..<index] where earlier[0] != later[0] && earlier[4] > later[3] {
                    let to = min(earlier[4], max(later[4], later[3] + 1))
                    picture.overlaps.append([name, later[3], to, earlier[0], later[0]])
                }
            }
        }
    }
}
