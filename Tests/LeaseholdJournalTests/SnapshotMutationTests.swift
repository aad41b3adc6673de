import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Damaged snapshots never trap, whether they are read from a file, received, or found at a start.
@Suite struct SnapshotMutationTests {
    #if DEBUG
    private static let rounds = 5_000
    #else
    private static let rounds = 300_000
    #endif

    @Test func noMutatedSnapshotFileTrapsItsReader() {
        let (bytes, id) = Rig.file(LogIndex(9), Term(2), count: 70_000)
        let small = Rig.file(LogIndex(3), Term(2)).bytes
        var random = RandomSource(seed: 7)
        var (whole, told, early) = (0, 0, 0)
        for round in 0..<Self.rounds {
            var damaged = round.isMultiple(of: 50) ? bytes : small
            let parts = [0, 84, damaged.count - 40]
            let part = parts[random.integer(in: 0...2)]
            if !random.chance(1, in: 20) { Self.mutate(&damaged, part, &random) }
            var reader = SnapshotFileReader(name: "f")
            var isEnded = false
            do throws(JournalError) {
                var offset = 0
                while offset < damaged.count {
                    let count = min(
                        damaged.count - offset, random.integer(in: 1...(round.isMultiple(of: 50) ? 9_000 : 500)))
                    reader.feed(damaged.span.bytes.extracting(offset..<offset + count))
                    offset += count
                    while let item = try reader.next() { if case .end = item { isEnded = true } }
                }
                if isEnded { whole += 1 } else { early += 1 }
            } catch { told += 1 }
        }
        #expect(whole > 0 && told > 0 && early > 0 && id.byteCount == bytes.count)
    }

    /// Changes bytes, mostly of one part, and often makes the checksum of that part's head right again.
    private static func mutate(_ bytes: inout [UInt8], _ part: Int, _ random: inout RandomSource) {
        for _ in 0...random.below(3) {
            let place =
                random.chance(3, in: 4)
                ? min(bytes.count - 1, part + random.integer(in: 0...79)) : random.integer(in: 0...bytes.count - 1)
            bytes[place] = random.chance(1, in: 4) ? 0xFF : UInt8(truncatingIfNeeded: random.next())
        }
        if random.chance(1, in: 8) { bytes.removeLast(random.integer(in: 0...bytes.count / 2)) }
        guard random.chance(2, in: 3), part + 16 <= bytes.count else { return }
        let length = Int(bytes[part + 9]) * 8
        guard length >= 16, part + length <= bytes.count else { return }
        bytes.overwrite(uint32: CRC32C.checksum(Array(bytes[part + 8..<part + length])), at: part + 4)
    }

    @Test func noMutatedMarkOrHeaderTrapsAStart() throws {
        var rig = try Rig.born()
        for _ in 0..<60 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        rig.takeAndMark()
        for _ in 0..<40 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        let names = rig.journal.segments.map { $0.name } + rig.snapshotFiles
        var random = RandomSource(seed: 8)
        var (told, whole) = (0, 0)
        for _ in 0..<Self.rounds / 10 {
            var disk = rig.disk
            disk.rot(names[random.integer(in: 0...names.count - 1)]) { bytes in
                Self.mutate(&bytes, random.chance(1, in: 2) ? 0 : 128, &random)
            }
            do throws(JournalError) {
                _ = try recovered(from: disk)
                whole += 1
            } catch { told += 1 }
            guard var inspector = try? JournalInspector(on: &disk) else { continue }
            while inspector.next(on: &disk) != nil {}
        }
        #expect(told > 0 && whole > 0)
    }
}
