import Foundation
import LeaseMachine
import LeaseholdBase
import Testing

/// Figures, not checks: run in release with `LEASEHOLD_MEASURE=1` and as many leases as `LEASEHOLD_MEASURE_LEASES` says
/// (a million by default). What is asserted is only that the work measured was done.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["LEASEHOLD_MEASURE"] != nil), .serialized)
struct MeasurementTests {
    static let leases =
        Int(ProcessInfo.processInfo.environment["LEASEHOLD_MEASURE_LEASES"] ?? "") ?? 1_000_000

    static func residentBytes() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
    }

    static func say(_ what: String, _ value: String) { print("measured: \(what): \(value)") }

    static func time(_ what: String, operations: Int, _ body: () -> Void) {
        let start = processorNanoseconds()
        body()
        let time = processorNanoseconds() - start
        say(what, "\(time / max(1, operations)) ns each, \(time / 1000) µs in all")
    }

    /// Processor time of this process: other work on the machine hardly shows in it.
    static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Commands encoded ahead, one after the other, so that only applying is measured.
    struct Commands {
        var bytes: [UInt8] = []
        var ends: [Int] = []

        mutating func append(_ command: Command) {
            command.encode(into: &bytes)
            ends.append(bytes.count)
        }

        var count: Int { ends.count }
    }

    struct Run {
        var machine = LeaseMachine(hashSeed: 42)
        var output = ApplyOutput()
        var index: UInt64 = 0
        var logTime: UInt64 = 0
        var done = 0

        mutating func apply(_ commands: borrowing Commands, step: UInt64 = 16_000) {
            let bytes = commands.bytes.span.bytes
            var start = 0
            for end in commands.ends {
                index += 1
                logTime += step
                let stamp = EntryStamp(index: LogIndex(index), logTime: LogTime(logTime), wallTime: .zero)
                try? machine.apply(bytes.extracting(start..<end), at: stamp, into: &output)
                if case .refused = output.outcome {} else { done += 1 }
                start = end
            }
        }
    }

    static func name(_ number: Int) -> String {
        "tenant-\(String(number % 97 + 100))/job-\(String(1_000_000_000 + number))"
    }

    static func head(_ sequence: Int, client: UInt64 = 7) -> RequestHead {
        RequestHead(
            request: RequestID(instance: ClientInstance(client), sequence: RequestSequence(UInt64(sequence))),
            lowestUnanswered: RequestSequence(UInt64(sequence)), newestSeen: LogTime(UInt64.max / 2))
    }

    static func acquires(_ count: Int) -> Commands {
        var commands = Commands()
        commands.bytes.reserveCapacity(count * 140)
        commands.ends.reserveCapacity(count)
        for number in 0..<count {
            let order = Int((UInt64(number) &* 0x9E37_79B9_7F4A_7C15) % UInt64(count * 16))
            commands.append(
                .acquire(
                    head(number + 1),
                    Acquire(name: name(order * 8 + number % 8), holder: "host-12345678:pid-99", ttl: .seconds(3600))))
        }
        return commands
    }

    @Test func aMillionLeases() {
        let count = Self.leases
        var run = Run()
        let commands = Self.acquires(count)
        let before = Self.residentBytes()
        Self.time("acquire while growing to \(count) leases", operations: count) { run.apply(commands) }
        let held = run.machine.leaseCount
        Self.say("bytes a lease", "\((Self.residentBytes() - before) / max(1, held)) for \(held) leases")
        #expect(run.done == held && held > count / 2)

        measureRenewals(&run, claims: held)
        measureFrozenCopy(&run, claims: held)
        measureCycles(&run)
        measureReads(run)
        #expect(run.machine.violations() == [])
        measureExpiry(&run)
    }

    private func measureRenewals(_ run: inout Run, claims: Int) {
        var random = RandomSource(seed: 5)
        for size in [1, 16] {
            var commands = Commands()
            for _ in 0..<(400_000 / size) {
                commands.append(
                    .renew((0..<size).map { _ in Renewal(claim: ClaimID(random.below(UInt64(claims)) + 1)) }))
            }
            let before = Self.residentBytes()
            Self.time("renewal of \(size), random claims (a renewal)", operations: commands.count) {
                run.apply(commands)
            }
            Self.say("resident growth over the renewals", "\(Self.residentBytes() - before) bytes")
            Self.time("the same again", operations: commands.count) { run.apply(commands) }
        }
    }

    private func measureFrozenCopy(_ run: inout Run, claims: Int) {
        var random = RandomSource(seed: 6)
        var single = Commands()
        single.append(.renew([Renewal(claim: ClaimID(random.below(UInt64(claims)) + 1))]))
        var spread = Commands()
        for _ in 0..<10_000 { spread.append(.renew([Renewal(claim: ClaimID(random.below(UInt64(claims)) + 1))])) }
        var frozen: [LeaseMachine] = []
        Self.time("frozen copy", operations: 1) { frozen.append(run.machine) }
        let digest = run.machine.digest
        Self.time("first renewal after it", operations: 1) { run.apply(single) }
        Self.time("10,000 renewals after it", operations: spread.count) { run.apply(spread) }
        var acquire = Commands()
        acquire.append(.acquire(Self.head(1, client: 99), Acquire(name: "late", holder: "h", ttl: .seconds(3600))))
        Self.time("first acquire after it", operations: 1) { run.apply(acquire) }
        #expect(frozen[0].digest == digest && run.machine.digest != digest)
    }

    private func measureCycles(_ run: inout Run) {
        var commands = Commands()
        let count = 200_000
        for number in 0..<count {
            let claim = run.index + UInt64(2 * number) + 1
            commands.append(
                .acquire(
                    Self.head(2 * number + 1, client: 8),
                    Acquire(name: "cycle-\(number % 64)", holder: "host-12345678:pid-99", ttl: .seconds(60))))
            commands.append(.release(Self.head(2 * number + 2, client: 8), ClaimReference(claim: ClaimID(claim))))
        }
        let done = run.done
        Self.time("acquire or release in a cycle", operations: commands.count) { run.apply(commands) }
        #expect(run.done == done + commands.count)
        var acquires = Commands()
        for number in 0..<100_000 {
            let order = Int((UInt64(number) &* 0xD6E8_FEB8_6659_FD93) % 1_000_000_000)
            acquires.append(
                .acquire(
                    Self.head(number + 1, client: 9),
                    Acquire(name: "tenant-\(order % 97 + 100)/new-\(order)", holder: "h", ttl: .seconds(3600))))
        }
        Self.time("acquire of a new random name", operations: acquires.count) { run.apply(acquires) }
    }

    private func measureReads(_ run: Run) {
        var bytes: [UInt8] = []
        let names = (0..<100_000).map { Array(Self.name($0 * 161 % 16_000_000).utf8) }
        Self.time("get, encoded", operations: names.count) {
            for name in names {
                bytes.removeAll(keepingCapacity: true)
                run.machine.encodeLease(named: name.span.bytes, into: &bytes)
            }
        }
        Self.time("list of 1,000", operations: 100) {
            for _ in 0..<100 {
                bytes.removeAll(keepingCapacity: true)
                run.machine.encodeList(prefix: RawSpan(), after: RawSpan(), limit: 1000, into: &bytes)
            }
        }
        #expect(!bytes.isEmpty)
    }

    private func measureExpiry(_ run: inout Run) {
        let claims = run.machine.claimCount
        var entries = 0
        var longest = Duration.zero
        let clock = ContinuousClock()
        Self.time("expiry of \(claims) (an expiry)", operations: claims) {
            while run.machine.claimCount > 0 {
                run.index += 1
                run.logTime += run.machine.nextDue.map { $0.rawValue > run.logTime ? 7_200_000_000_000 : 1 } ?? 1
                let stamp = EntryStamp(index: LogIndex(run.index), logTime: LogTime(run.logTime), wallTime: .zero)
                longest = max(longest, clock.measure { run.machine.applyEmpty(at: stamp, into: &run.output) })
                entries += 1
            }
        }
        Self.say("entries for it, and the longest", "\(entries), \(longest)")
        #expect(run.machine.leaseCount == 0)
    }
}
