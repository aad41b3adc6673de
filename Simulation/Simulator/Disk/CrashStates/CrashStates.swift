import LeaseholdBase
import LeaseholdJournal

/// Every state that a crash may leave of a small journal, enumerated and recovered, not sampled.
///
/// A scripted journal lives on a simulated disk. After each effect of its disk, every subset and tearing of what is not
/// durable becomes a disk of its own; production recovery reads each of them:
///
/// - What was acknowledged is there, and what is there is a state that was really written: the last durable one, or that
///   with the batch in flight, whole.
/// - A second recovery finds the same, and so does one after another loss of power: what recovery has told is durable.
/// - Recovery itself is interrupted at each of its calls, by the loss of power and by the end of the process, and what is
///   then left is recovered and interrupted in turn, until no new states appear.
/// - Where recovery is done, life goes on: another request is stored, and recovered.
///
/// Granularity: in life, a write is kept, lost, cut at every eighth byte with its front or its back kept, and split into
/// eight parts of which every subset is kept: the borders of 512-byte sectors and of records are among the parts' borders
/// (more than eight are joined, fewer are halved). Changes of names are kept in any subset. For interrupted recovery the
/// parts are four, without the cuts at every eighth byte.
public struct CrashStates {
    /// What became of one workload.
    public struct Report: Sendable {
        /// Which one.
        public let workload: String
        /// After how many effects everything was enumerated.
        public internal(set) var points = 0
        /// How many disks were looked at, those met before among them.
        public internal(set) var states = 0
        /// How many of them were different, and recovered.
        public internal(set) var distinct = 0
        /// How often production recovery ran to its end or was interrupted.
        public internal(set) var recoveries = 0
        /// How often in a row recovery was interrupted at most.
        public internal(set) var depth = 0
        /// At how many write points the limit on states ended the enumeration; none in the workloads that there are.
        public internal(set) var limited = 0
        /// Whether somebody ended it before it was done.
        public internal(set) var isCutShort = false
        /// What contradicts the promises: workload, write point, the way to the state, what was found and what may be.
        public internal(set) var violations: [String] = []
    }

    /// How many disks are looked at for one write point at most.
    public static let limit = 400_000
    /// A workload ends at so many violations.
    static let violationLimit = 5

    private let workload: CrashWorkload
    private let configuration: JournalConfiguration
    private var report: Report
    /// The states that were recovered already, with what was allowed then.
    private var visited: Set<Fingerprint> = []
    /// The states of which recovery was interrupted already.
    private var interrupted: Set<Fingerprint> = []
    private var pointStates = 0

    private init(_ workload: CrashWorkload) {
        self.workload = workload
        var configuration = JournalConfiguration()
        configuration.segmentBytes = workload.segmentBytes
        configuration.fillStepBytes = workload.fillStepBytes
        configuration.indexSpacingBytes = 512
        self.configuration = configuration
        report = Report(workload: workload.name)
    }

    /// Enumerates a workload.
    /// - Parameters:
    ///   - isOver: Whether to end it; asked at each write point.
    ///   - progress: Told after each write point.
    public static func run(
        _ workload: CrashWorkload, isOver: () -> Bool = { false }, progress: (Report) -> Void = { _ in }
    ) -> Report { run(workload, on: SimulatedDisk(), isOver: isOver, progress: progress) }

    /// Enumerates a workload on a disk with a script, which may lie; what a crash leaves of it is honest.
    package static func run(
        _ workload: CrashWorkload, on disk: SimulatedDisk, isOver: () -> Bool = { false },
        progress: (Report) -> Void = { _ in }
    ) -> Report {
        var states = CrashStates(workload)
        do throws(JournalError) { try states.live(on: disk, isOver, progress) } catch {
            states.report.violations.append("\(workload.name): the life itself ended: \(error)")
        }
        return states.report
    }

    private mutating func live(
        on empty: SimulatedDisk, _ isOver: () -> Bool, _ progress: (Report) -> Void
    ) throws(JournalError) {
        if workload.includesMaking {
            point("making the directory", empty, [LogImage()], mayMake: true)
            progress(report)
        }
        var life = try ScriptedJournal(on: empty, configuration, delaysOthers: workload.delaysOthers)
        for (place, step) in workload.steps.enumerated() {
            guard report.violations.count < Self.violationLimit else { return }
            switch step {
            case .append(let request):
                life.append(request)
                continue
            case .flush: life.submit()
            case .flushPart: life.submit()
            case .wait: life.wait()
            case .stop: life.stop()
            case .reopen:
                var disk = life.disk
                disk.processEnded()
                life = try ScriptedJournal(
                    on: disk, configuration, mayMake: false, delaysOthers: workload.delaysOthers)
            case .powerLoss(let number):
                var chosen: SimulatedDisk?
                var seen = 0
                _ = life.disk.forEachCrashImage(.fine, limit: number + 1) { image in
                    seen += 1
                    chosen = image
                }
                let disk = chosen ?? life.disk.durableCopy()
                life = try ScriptedJournal(
                    on: disk, configuration, mayMake: false, delaysOthers: workload.delaysOthers)
            case .full(let isFull):
                life.disk.faults.capacityBytes = isFull ? life.disk.allocatedBytes : nil
                continue
            }
            var left = Int.max
            if case .flushPart(let count) = step { left = count }
            while left > 0, let effect = life.performOne() {
                report.isCutShort = isOver()
                guard !report.isCutShort else { return }
                left -= 1
                point("step \(place + 1), \(effect.operation)", life.disk, life.allowed, mayMake: false)
                report.violations += life.violations
                progress(report)
                guard report.violations.count < Self.violationLimit else { return }
            }
        }
    }

    // MARK: One write point

    /// Everything that may come of a crash at this moment.
    private mutating func point(_ what: String, _ disk: SimulatedDisk, _ allowed: [LogImage], mayMake: Bool) {
        report.points += 1
        pointStates = 0
        var frontier: [Found] = []
        var context = Context(what: what, allowed: allowed, mayMake: mayMake)
        context.point = report.points
        // The process alone ends: the cache stays.
        var killed = disk
        killed.processEnded()
        killed.faults = DiskFaults()
        look(at: killed, way: ["killed"], context, kills: 1, interrupts: true, into: &frontier)
        let coarse = fingerprints(of: disk)
        let (_, isAll) = disk.forEachCrashImage(.fine, limit: Self.limit) { image in
            look(
                at: image, way: ["power loss \(pointStates)"], context, kills: 0,
                interrupts: coarse.contains(image.fingerprint()), into: &frontier)
        }
        var isComplete = isAll
        while !frontier.isEmpty, report.violations.count < Self.violationLimit {
            guard pointStates < Self.limit else {
                isComplete = false
                break
            }
            let next = frontier
            frontier = []
            for found in next { interrupt(found, context, into: &frontier) }
        }
        if !isComplete { report.limited += 1 }
    }

    /// The states of which recovery is interrupted too.
    private func fingerprints(of disk: SimulatedDisk) -> Set<Fingerprint> {
        var found: Set<Fingerprint> = []
        _ = disk.forEachCrashImage(.coarse, limit: Self.limit) { found.insert($0.fingerprint()) }
        return found
    }

    /// What a write point is about.
    private struct Context {
        var what: String
        var allowed: [LogImage]
        var mayMake: Bool
        var point = 0

        func add(to print: inout Fingerprint) {
            for state in allowed {
                print.add(UInt64(state.entries.count), state.term.rawValue)
                print.add(state.entries.last ?? 0, state.votedFor?.rawValue ?? 0)
            }
        }
    }

    /// A state whose recovery is still to be interrupted.
    private struct Found {
        var disk: SimulatedDisk
        var way: [String]
        /// How many ends of the process alone there were in a row.
        var kills: Int
    }

    /// Recovers a state, unless that was done already, and checks what is found.
    private mutating func look(
        at disk: SimulatedDisk, way: [String], _ context: Context, kills: Int, interrupts: Bool,
        into frontier: inout [Found]
    ) {
        report.states += 1
        pointStates += 1
        var print = disk.fingerprint()
        context.add(to: &print)
        guard visited.insert(print).inserted else {
            // One that was recovered before and not interrupted may have to be now.
            if interrupts { wait(disk, way, context, kills, &frontier) }
            return
        }
        report.distinct += 1
        report.depth = max(report.depth, way.count - 1)
        func violate(_ what: String) {
            report.violations.append(
                "\(workload.name), write point \(context.point) (\(context.what)), \(way.joined(separator: ", then ")): "
                    + what)
        }
        var recovered = disk
        report.recoveries += 1
        let found: LogImage
        do throws(JournalError) {
            found = try ScriptedJournal.open(&recovered, configuration, mayMake: context.mayMake).1
        } catch { return violate("recovery fails: \(error)") }
        guard context.allowed.contains(found) else {
            let allowed = context.allowed.map(\.description).joined(separator: " or ")
            return violate("recovery finds \(found.description), and only \(allowed) may be")
        }
        // What it told is durable, and it tells the same again.
        var again = recovered.durableCopy()
        report.recoveries += 1
        do throws(JournalError) {
            let second = try ScriptedJournal.open(&again, configuration, mayMake: false).1
            guard second == found else {
                return violate("recovery finds \(found.description), and a second one \(second.description)")
            }
        } catch { return violate("recovery succeeds, and a second one fails: \(error)") }
        if let failure = goOn(recovered, found, storing: 24) { return violate(failure) }
        // And one that no segment as there is has room for.
        if interrupts, let failure = goOn(recovered, found, storing: 2 * workload.segmentBytes) {
            return violate(failure)
        }
        if interrupts { wait(disk, way, context, kills, &frontier) }
    }

    /// A state's recovery is to be interrupted, unless that was done for one that differs from it in nothing but the
    /// contents of files that mean nothing after a stop.
    private mutating func wait(
        _ disk: SimulatedDisk, _ way: [String], _ context: Context, _ kills: Int, _ frontier: inout [Found]
    ) {
        var print = disk.fingerprint(isDeep: false)
        context.add(to: &print)
        print.add(1, UInt64(kills))
        if interrupted.insert(print).inserted { frontier.append(Found(disk: disk, way: way, kills: kills)) }
    }

    /// Life goes on behind a recovery: one more request is stored, and is there or not there after a loss of power.
    private mutating func goOn(_ disk: SimulatedDisk, _ found: LogImage, storing count: Int) -> String? {
        do throws(JournalError) {
            var life = try ScriptedJournal(on: disk.durableCopy(), configuration, mayMake: false)
            life.append(.entries(1, of: count, term: max(1, found.term.rawValue)))
            life.submit()
            report.recoveries += 3
            while life.performOne() != nil {
                // Nothing of what is not synced is kept.
                var image = life.disk.durableCopy()
                guard !life.journal.isIdle else { break }
                let state = try ScriptedJournal.open(&image, configuration, mayMake: false).1
                report.recoveries += 1
                guard life.allowed.contains(state) else {
                    return "what is stored after recovery is found as \(state.description)"
                }
            }
            var image = life.disk.durableCopy()
            let state = try ScriptedJournal.open(&image, configuration, mayMake: false).1
            guard life.allowed == [state], state.entries.count == found.entries.count + 1 else {
                return "a request stored after recovery is found as \(state.description)"
            }
            return life.violations.first
        } catch { return "what is stored after recovery cannot be recovered: \(error)" }
    }

    /// Interrupts the recovery of a state at each of its calls.
    private mutating func interrupt(_ found: Found, _ context: Context, into frontier: inout [Found]) {
        var before = found.disk
        for calls in 1..<64 {
            var disk = found.disk
            disk.script.count = 0
            disk.script.failsFrom = calls
            report.recoveries += 1
            do throws(JournalError) {
                _ = try ScriptedJournal.open(&disk, configuration, mayMake: context.mayMake)
                return
            } catch {
                guard case .disk = error else {
                    report.violations.append("\(workload.name): interrupted recovery fails otherwise: \(error)")
                    return
                }
            }
            disk.script = CallScript()
            if found.kills < 2 {
                var killed = disk
                killed.processEnded()
                look(
                    at: killed, way: found.way + ["killed after call \(calls)"], context, kills: found.kills + 1,
                    interrupts: true, into: &frontier)
            }
            var place = 0
            _ = disk.forEachCrashImage(.coarse, since: before, limit: Self.limit) { image in
                place += 1
                look(
                    at: image, way: found.way + ["power loss \(place) after call \(calls)"], context, kills: 0,
                    interrupts: true, into: &frontier)
            }
            before = disk
            guard report.violations.count < Self.violationLimit else { return }
        }
    }
}
