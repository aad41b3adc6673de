import Foundation
import LeaseholdBase
import LeaseholdJournal
import Raft
import Testing

/// Figures, not checks: run in release with `LEASEHOLD_MEASURE=1`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["LEASEHOLD_MEASURE"] != nil), .serialized)
struct JournalSnapshotMeasurementTests {
    @Test func aFileOfAHundredMegabytes() throws {
        func measure(_ what: String, _ body: () throws -> Void) rethrows {
            var (start, end) = (timespec(), timespec())
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
            try body()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
            let time = (end.tv_sec - start.tv_sec) * 1_000_000 + (end.tv_nsec - start.tv_nsec) / 1_000
            print("measured: \(what): \(time) µs")
        }
        let content = Rig.content(LogIndex(9), count: 108 << 20)
        var writer = SnapshotFileWriter(Rig.header(LogIndex(9), Term(1)))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(120 << 20)
        var id: SnapshotID?
        measure("making a file of 108 MiB, 64 KiB at a time") {
            for start in stride(from: 0, to: content.count, by: 64 << 10) {
                writer.append(content.span.bytes.extracting(start..<min(content.count, start + 64 << 10)))
                writer.take(into: &bytes)
            }
            id = writer.finish()
            writer.take(into: &bytes)
        }
        var found: SnapshotID?
        try measure("reading and checking it, 1 MiB at a time") {
            var reader = SnapshotFileReader(name: "f")
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                reader.feed(bytes.span.bytes.extracting(start..<min(bytes.count, start + 1 << 20)))
                while let item = try reader.next() { if case .end(let end) = item { found = end } }
            }
        }
        #expect(found == id && found != nil)
    }
}
