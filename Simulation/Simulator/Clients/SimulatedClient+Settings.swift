import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore

/// What a client does as an operator.
extension SimulatedClient {
    /// Asks for the changes of the plan that are due and its own.
    func changeSettings(_ world: World, _ now: SteadyTime) {
        let own = world.plan.changes.filter { $0.client == number - 1 }
        while changesMade < own.count, UInt64(max(0, own[changesMade].at)) * 1_000_000 <= world.now {
            let changes = own[changesMade].command
            changesMade += 1
            asked(.changeSettings(changes), .change, world) { core throws(SubmissionError) in
                try core.changeSettings(changes, timeout: .seconds(5), now: now)
            }
        }
    }

    /// Asks a node, or whichever answers, how it fares.
    func askStatus(_ world: World, _ now: SteadyTime) {
        let node = random.integer(in: 0...world.plan.nodes)
        let address = node == 0 ? nil : "node\(node):7401"
        let purpose = Purpose.status(
            of: node == 0 ? nil : NodeID(UInt64(node)), before: world.checks.facts)
        inquired("status of \(address ?? "any node")", purpose) { core throws(SubmissionError) in
            try core.status(of: address, timeout: .seconds(2), now: now)
        }
    }

    /// Reads the settings.
    func askSettings(_ world: World, _ now: SteadyTime) {
        inquired("settings", .settings(asked: world.now)) { core throws(SubmissionError) in
            try core.settings(timeout: .seconds(2), now: now)
        }
    }

    /// Changes the settings back to those of a new cluster, for as long as it takes.
    func restoreSettings(_ world: World) {
        hasRestored = false
        let now = clockNow(world)
        let keys = SettingKey.allCases.filter { key in
            world.plan.changes.contains { $0.settings.contains { $0.key == key.rawValue } }
        }
        guard !keys.isEmpty else {
            hasRestored = true
            return
        }
        let changes = keys.map { SettingChange($0, Settings.initial[$0]) }
        let request = asked(.changeSettings(changes), .restore, world) { core throws(SubmissionError) in
            try core.changeSettings(changes, timeout: .seconds(10), now: now)
        }
        // A core that has as many requests under way as it may refuses one more.
        if request == nil { restoreLater(world) } else { world.scheduleTurn(self) }
    }

    func restored(_ result: RequestResult, _ world: World) {
        if case .done(.outcome(.settingsChanged)) = result {
            hasRestored = true
        } else {
            // Not from within the turn that is told so: the core's answer may be that it cannot ask now.
            restoreLater(world)
        }
    }

    private func restoreLater(_ world: World) {
        let life = life
        world.after(.milliseconds(200)) { [unowned self, unowned world] in
            if isUp, self.life == life { restoreSettings(world) }
        }
    }
}
