import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Simulator
import Testing

/// Damaged backups and directories never trap, even where the checksums of what is damaged are right again.
@Suite struct BackupMutationTests {
    #if DEBUG
    private static let rounds = 3_000
    #else
    private static let rounds = 200_000
    #endif

    /// Changes a few bytes, mostly to what is at the edge of a field.
    private static func mutate(_ bytes: inout [UInt8], in range: Range<Int>, _ random: inout RandomSource) {
        for _ in 0...random.below(3) {
            let place = random.integer(in: range.lowerBound...range.upperBound - 1)
            bytes[place] =
                switch random.below(4) {
                case 0: 0xFF
                case 1: 0
                case 2: bytes[place] ^ UInt8(1 << random.below(8))
                default: UInt8(truncatingIfNeeded: random.next())
                }
        }
    }

    @Test func noMutatedStateInAWholeFileTraps() throws {
        let backup = try DirectoryScript.threeLeases().saved().backup
        var frozen = backup.machine
        var content: [UInt8] = []
        frozen.beginSnapshot()
        while !frozen.writeSnapshot(atMost: .max, into: &content) {}
        var random = RandomSource(seed: 11)
        var (told, whole) = (0, 0)
        for _ in 0..<Self.rounds {
            var (header, changed) = (backup.header, content)
            if random.chance(1, in: 3) { Self.mutate(&header.membership, in: header.membership.indices, &random) }
            Self.mutate(&changed, in: changed.indices, &random)
            Self.makeWhole(&changed, &random)
            var writer = SnapshotFileWriter(header)
            writer.append(changed.span.bytes)
            _ = writer.finish()
            do throws(JournalError) {
                let read = try Backup(file: writer.output, piece: random.integer(in: 1...2_000))
                #expect(read.machine.violations().isEmpty)
                // What loads can be restored and written again.
                var plan = try? Restoration(
                    read, as: RestorationTests.node, at: RestorationTests.clock(60), quarantine: true, seed: 1)
                var disk = SimulatedDisk()
                try plan?.make(on: &disk, configuration: DirectoryScript.configuration)
                whole += 1
            } catch { told += 1 }
        }
        #expect(told > 0 && whole > 0)
    }

    /// Makes the checksums of the state's own chunks right again, mostly, where their heads can still be followed.
    private static func makeWhole(_ content: inout [UInt8], _ random: inout RandomSource) {
        var start = 0
        while start + 20 <= content.count {
            let length = Int(content[start + 12]) | Int(content[start + 13]) << 8 | Int(content[start + 14]) << 16
            guard start + 20 + length <= content.count, random.chance(15, in: 16) else { return }
            let payload = Array(content[start + 20..<start + 20 + length])
            content.overwrite(uint32: CRC32C.checksum(payload), at: start + 16)
            content.overwrite(uint32: CRC32C.checksum(Array(content[start + 4..<start + 20])), at: start)
            start += 20 + length
        }
    }

    @Test func noMutatedDirectoryTrapsASave() throws {
        let (_, disk) = try RestorationTests.restored(try DirectoryScript.threeLeases().saved().backup)
        var script = try DirectoryScript.threeLeases()
        for place in 0..<30 { script.acquire("more/\(place)") }
        script.commitAll()
        var random = RandomSource(seed: 12)
        var (told, whole) = (0, 0)
        for round in 0..<Self.rounds / 5 {
            var damaged = round.isMultiple(of: 2) ? disk : script.disk
            damaged.processEnded()
            let names = damaged.fileNames.filter { !damaged.contents($0).isEmpty }
            let name = names[random.integer(in: 0...names.count - 1)]
            damaged.rot(name) { bytes in
                Self.mutate(&bytes, in: 0..<min(bytes.count, 1_200), &random)
                if random.chance(1, in: 16) { bytes.removeLast(random.integer(in: 0...bytes.count / 2)) }
            }
            do throws(BackupError) {
                let found = try StoppedNode(recoveredFrom: &damaged, seed: 1, takesUncommitted: random.chance(1, in: 2))
                #expect(found.backup.machine.leaseCount <= 33)
                whole += 1
            } catch { told += 1 }
        }
        #expect(told > 0 && whole > 0)
    }
}
