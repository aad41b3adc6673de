import Foundation
import LeaseMachine
import LeaseholdBase
import Testing

/// Figures of snapshots, as those of ``MeasurementTests``: what taking one costs those who go on meanwhile, and loading.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["LEASEHOLD_MEASURE"] != nil), .serialized)
struct SnapshotMeasurementTests {
    private typealias Figures = MeasurementTests

    /// Processor time of this thread: what a single step takes, whatever else the machine does.
    private static func measure(_ body: () -> Void) -> Duration {
        func now() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .nanoseconds(time.tv_sec * 1_000_000_000 + time.tv_nsec)
        }
        let start = now()
        body()
        return now() - start
    }

    @Test func aSnapshotOfAMillionLeases() throws {
        var run = Figures.Run()
        run.apply(Figures.acquires(Figures.leases))
        let claims = run.machine.claimCount
        let bytes = takeQuietly(&run)
        Figures.say("bytes of a snapshot", "\(bytes.count), \(bytes.count / max(1, claims)) a lease")
        renewals(of: 16_000, &run, claims, isTaking: false)
        renewals(of: 16_000, &run, claims, isTaking: true)
        renewals(of: 1, &run, claims, isTaking: false)
        renewals(of: 1, &run, claims, isTaking: true)
        releases(&run, isTaking: true)
        releases(&run, isTaking: false)
        let machine = try load(bytes)
        #expect(machine.claimCount == claims)
    }

    /// With nothing else going on.
    private func takeQuietly(_ run: inout Figures.Run) -> [UInt8] {
        var bytes: [UInt8] = []
        var longest = Duration.zero
        var turns = 0
        let started = Self.measure { run.machine.beginSnapshot() }
        var isDone = false
        Figures.time("snapshot, a share of 64 KiB a turn (a claim)", operations: run.machine.claimCount) {
            while !isDone {
                var piece: [UInt8] = []
                longest = max(
                    longest, Self.measure { isDone = run.machine.writeSnapshot(atMost: 64 << 10, into: &piece) })
                bytes += piece
                turns += 1
            }
        }
        Figures.say("its beginning, and the longest of its \(turns) turns", "\(started), \(longest)")
        return bytes
    }

    /// Entries that renew random claims, with a share of the snapshot between them.
    private func renewals(of size: Int, _ run: inout Figures.Run, _ claims: Int, isTaking: Bool) {
        var random = RandomSource(seed: 5)
        var entries: [Figures.Commands] = []
        for _ in 0..<(size == 1 ? 200_000 : 100) {
            var entry = Figures.Commands()
            entry.append(
                .renew((0..<size).map { _ in Renewal(claim: ClaimID(random.below(UInt64(claims)) + 1)) }))
            entries.append(entry)
        }
        steps("renewal of \(size)", entries, &run, isTaking: isTaking, every: size == 1 ? 100 : 1)
    }

    private func releases(_ run: inout Figures.Run, isTaking: Bool) {
        var entries: [Figures.Commands] = []
        for number in 0..<100_000 {
            var entry = Figures.Commands()
            let claim = UInt64(number * 9 % Figures.leases + (isTaking ? 1 : 2))
            let head = Figures.head(number + 1, client: isTaking ? 21 : 22)
            entry.append(.release(head, ClaimReference(claim: ClaimID(claim))))
            entries.append(entry)
        }
        steps("release", entries, &run, isTaking: isTaking, every: 100)
    }

    /// Applies entries one by one, with a share of 64 KiB of a snapshot after every so many.
    private func steps(
        _ what: String, _ entries: [Figures.Commands], _ run: inout Figures.Run, isTaking: Bool, every: Int
    ) {
        let what = what + (isTaking ? ", a snapshot under way" : ", none under way")
        var times: [Duration] = []
        var extra = 0
        var piece: [UInt8] = []
        if isTaking { run.machine.beginSnapshot() }
        let before = Figures.residentBytes()
        var resident = 0
        for (number, entry) in entries.enumerated() {
            times.append(Self.measure { run.apply(entry) })
            guard isTaking, number % every == 0 else { continue }
            piece.removeAll(keepingCapacity: true)
            _ = run.machine.writeSnapshot(atMost: 64 << 10, into: &piece)
            extra = max(extra, run.machine.snapshotOverheadBytes)
            resident = max(resident, Figures.residentBytes() - before)
        }
        let end = Self.measure { run.machine.abandonSnapshot() }
        times.sort()
        let sum = times.reduce(.zero, +)
        Figures.say(
            what, "mean \(sum / times.count), p99 \(times[times.count * 99 / 100]), longest \(times[times.count - 1])")
        if isTaking { Figures.say("kept, resident growth, and its end", "\(extra) bytes, \(resident) bytes, \(end)") }
    }

    private func load(_ bytes: [UInt8]) throws -> LeaseMachine {
        var loader = SnapshotLoader(hashSeed: 77)
        var failure: SnapshotError?
        Figures.time("load, in pieces of 1 MiB", operations: 1) {
            do throws(SnapshotError) {
                var offset = 0
                while offset < bytes.count {
                    let count = min(1 << 20, bytes.count - offset)
                    try loader.load(bytes.span.bytes.extracting(offset..<offset + count))
                    offset += count
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return try loader.finish()
    }
}
