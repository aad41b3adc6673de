package import Foundation
package import Simulator

/// A plan as JSON: everything that a run does.
package enum ReplayFile {
    /// Reads one; what is wrong with it is told.
    package static func read(_ path: String) throws(CommandFailure) -> Plan {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("cannot read \(path)")
        }
        return try decode(data, name: path)
    }

    /// Makes a plan of the bytes of a file.
    package static func decode(_ data: Data, name: String) throws(CommandFailure) -> Plan {
        struct Head: Decodable { var format: Int? }
        let decoder = JSONDecoder()
        guard let head = try? decoder.decode(Head.self, from: data), let format = head.format else {
            throw CommandFailure("\(name) is damaged or no replay file: it is not JSON with a format number")
        }
        guard format <= Plan.format else {
            throw CommandFailure("\(name) has format \(format), and this program knows formats up to \(Plan.format)")
        }
        let plan: Plan
        do { plan = try decoder.decode(Plan.self, from: data) } catch {
            throw CommandFailure("\(name) is damaged: \(explain(error))")
        }
        if let complaint = complaint(about: plan) { throw CommandFailure("\(name) is damaged: \(complaint)") }
        return plan
    }

    /// What makes a plan one that cannot be run; nil when it can.
    package static func complaint(about plan: Plan) -> String? {
        if let complaint = complaint(aboutMembersOf: plan) { return complaint }
        guard 0...64 ~= plan.clients else { return "a run has up to 64 clients, not \(plan.clients)" }
        guard 0...86_400_000 ~= plan.trouble else { return "trouble lasts up to a day, not \(plan.trouble) ms" }
        guard plan.changes.allSatisfy({ $0.isKnown }) else { return "a setting is changed that there is not" }
        guard 1...1_000 ~= plan.work.names else { return "clients ask for 1 to 1000 names, not \(plan.work.names)" }
        guard plan.core.allSatisfy({ 0..<plan.nodes ~= $0 }), Set(plan.core).count > plan.nodes / 2 else {
            return "the core \(plan.core) is no majority of the nodes"
        }
        if let complaint = complaint(aboutFiguresOf: plan) { return complaint }
        let numbers = plan.faults.map(\.number)
        guard Set(numbers).count == numbers.count, numbers.allSatisfy({ $0 > 0 }) else {
            return "each fault has a number of its own, from 1"
        }
        let places = 0..<(plan.nodes + plan.clients)
        for fault in plan.faults {
            var concerned = fault.others
            if case .places(let targets) = fault.target { concerned += targets }
            guard concerned.allSatisfy({ places ~= $0 }) else {
                return "fault #\(fault.number) concerns a process that there is not"
            }
            guard fault.at >= 0, fault.lasts >= 0, fault.at <= 86_400_000, fault.lasts <= 86_400_000 else {
                return "fault #\(fault.number) has a time that cannot be"
            }
        }
        return nil
    }

    /// What is wrong with how many nodes there are, or with what operators do with them.
    private static func complaint(aboutMembersOf plan: Plan) -> String? {
        let founders = plan.founders ?? plan.nodes
        guard [1, 3, 5].contains(founders) else { return "a cluster is born of 1, 3 or 5 nodes, not \(founders)" }
        guard founders...7 ~= plan.nodes else { return "there are \(founders) to 7 nodes, not \(plan.nodes)" }
        let isOfNodes = (plan.members ?? []).allSatisfy { change in
            let least = change.kind == .handOver ? -1 : 0
            return least..<plan.nodes ~= change.node && 0..<plan.nodes ~= change.other && change.at >= 0
        }
        return isOfNodes ? nil : "a change of the members concerns a node that there is not, or has no time"
    }

    /// Which figure cannot be, or is so large that no run of a plan would come to its end in bounded time.
    private static func complaint(aboutFiguresOf plan: Plan) -> String? {
        let (network, disk, process, work) = (plan.network, plan.disk, plan.process, plan.work)
        let ranges: [(String, Int, Int, Int)] = [
            ("the latency", network.latencyAtLeast, network.latencyAtMost, 1_000_000),
            ("the time of a disk", disk.timeAtLeast, disk.timeAtMost, 1_000_000),
            ("a TTL", work.ttlAtLeast, work.ttlAtMost, 15_000),
            ("how long clients keep a lease", work.holdAtLeast, work.holdAtMost, 60_000),
            ("how long clients rest", work.restAtLeast, work.restAtMost, 60_000),
        ]
        for (name, least, most, limit) in ranges where least < 0 || least > most || most > limit {
            return "\(name) is from \(least) to \(most), and must be a range within 0 to \(limit)"
        }
        let numbers: [(String, Int, ClosedRange<Int>)] = [
            ("tailPerTenThousand", network.tailPerTenThousand, 0...10_000), ("tail", network.tail, 0...10_000_000),
            ("fragmentsPerTenThousand", network.fragmentsPerTenThousand, 0...10_000),
            ("queueBytes", network.queueBytes, 4_096...1 << 30),
            ("systemBytes", network.systemBytes ?? 65_536, 1_024...1 << 30),
            ("journalBytes", disk.journalBytes, 65_536...1 << 40), ("segmentBytes", disk.segmentBytes, 4_096...1 << 30),
            ("logMemoryBytes", disk.logMemoryBytes, 1...1 << 40),
            ("ratePartsPerMillion", plan.clocks.ratePartsPerMillion, 0...1_000_000),
            ("turnDelayAtMost", process.turnDelayAtMost, 0...1_000_000),
            ("stumblePerTenThousand", process.stumblePerTenThousand, 0...10_000),
            ("stumble", process.stumble, 0...60_000), ("electionTimeout", process.electionTimeout, 10...60_000),
            ("heartbeat", process.heartbeat, 1...max(1, process.electionTimeout)),
            ("uncommittedBytes", process.uncommittedBytes, 1...1 << 40),
        ]
        let snapshots = plan.snapshots ?? SnapshotPlan()
        let ofSnapshots: [(String, Int, ClosedRange<Int>)] = [
            ("logBytes", snapshots.logBytes, 1_024...1 << 40), ("age", snapshots.age, 1...86_400_000),
            ("tailBytes", snapshots.tailBytes, 0...1 << 40), ("shareBytes", snapshots.shareBytes, 1...1 << 24),
            ("stepBytes", snapshots.stepBytes, 1...1 << 24), ("pieceBytes", snapshots.pieceBytes, 1...256 << 10),
            ("bytesPerSecond", snapshots.bytesPerSecond, 1...1 << 40),
        ]
        for (name, number, range) in numbers + ofSnapshots where !range.contains(number) {
            return "\(name) is \(number), and must be within \(range.lowerBound) to \(range.upperBound)"
        }
        return nil
    }

    private static func explain(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "the file" : context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "\(path(context)) is not what belongs there"
        default: return "it cannot be decoded"
        }
    }

    /// Writes one.
    package static func write(_ plan: Plan, to path: String) throws(CommandFailure) {
        try TextFile.write(JSONText.pretty(plan) + "\n", to: path)
    }
}

/// Files that the command writes.
enum TextFile {
    static func write(_ text: String, to path: String) throws(CommandFailure) {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) } catch {
            throw CommandFailure("cannot write \(path)")
        }
    }

    static func makeDirectory(_ path: String) throws(CommandFailure) {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw CommandFailure("cannot make the directory \(path)")
        }
    }
}
