import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft
import Testing

@Suite struct BackupFileTests {
    private let backup: Backup
    private let bytes: [UInt8]

    init() throws {
        backup = try DirectoryScript.threeLeases().saved().backup
        bytes = backup.file().bytes
    }

    /// The file with other content, or another head, and all of its own checksums right.
    private func file(_ header: SnapshotHeader, _ content: [UInt8]) -> [UInt8] {
        var writer = SnapshotFileWriter(header)
        writer.append(content.span.bytes)
        _ = writer.finish()
        return writer.output
    }

    private func content(of machine: LeaseMachine) -> [UInt8] {
        var frozen = machine
        var bytes: [UInt8] = []
        frozen.beginSnapshot()
        while !frozen.writeSnapshot(atMost: .max, into: &bytes) {}
        return bytes
    }

    private func error(_ bytes: [UInt8]) -> JournalError? {
        do throws(JournalError) {
            _ = try Backup(file: bytes)
            return nil
        } catch { return error }
    }

    @Test(arguments: [1, 7, 61, 4096, 1 << 20]) func whatWasWrittenIsReadInPiecesOfAnySize(piece: Int) throws {
        let read = try Backup(file: bytes, piece: piece)
        #expect(read.header == backup.header && read.membership == backup.membership)
        #expect(read.machine.digest == backup.machine.digest && read.machine.leaseCount == 3)
        #expect(read.machine.violations().isEmpty)
        #expect(read.file().bytes == bytes)
    }

    @Test func whatStandsBehindTheEndMeansNothing() throws {
        #expect(try Backup(file: bytes + [1, 2, 3], piece: 100).machine.digest == backup.machine.digest)
    }

    @Test func trap41_noFlippedByteOfABackupGoesUnseen() {
        for place in bytes.indices {
            for bit in [UInt8(1), 0x80] {
                var damaged = bytes
                damaged[place] ^= bit
                guard case .snapshotCorrupt("leases.snapshot", let offset, let reason)? = error(damaged) else {
                    Issue.record("a flipped bit of byte \(place) was not told as damage")
                    continue
                }
                // Told where the part begins that the byte is in, or further on where that is what showed it.
                #expect((0...bytes.count).contains(offset) && offset <= place && !reason.isEmpty)
            }
        }
    }

    @Test func aFileThatEndsEarlyIsToldSoWhereItEnds() {
        for count in 0..<bytes.count {
            #expect(
                error(Array(bytes.prefix(count)))
                    == .snapshotCorrupt(file: "leases.snapshot", offset: count, reason: "the file ends early"))
        }
    }

    @Test func aNewerFormatIsRefusedAsThatAndNotAsDamage() throws {
        var head = bytes
        head[8] = 2
        let length = Int(head[9]) * 8
        head.overwrite(uint32: CRC32C.checksum(Array(head[8..<length])), at: 4)
        var content = content(of: backup.machine)
        content[4] = 9
        content.overwrite(uint32: CRC32C.checksum(Array(content[4..<20])), at: 0)
        var header = backup.header
        header.membership[0] = 77
        for newer in [head, file(backup.header, content), file(header, self.content(of: backup.machine))] {
            let found = try #require(error(newer))
            #expect(found.code == "not_supported")
            #expect(found.description.contains("leases.snapshot was written by a newer version, at offset "))
            #expect(found.description.contains("use a later version of it"))
        }
    }

    @Test func trap39_aHeadThatTellsOfAnotherStateIsDamage() {
        let content = content(of: backup.machine)
        #expect(error(file(backup.header, content)) == nil)
        for place in 0..<4 {
            var header = backup.header
            switch place {
            case 0: header.lastIndex = header.lastIndex.next
            case 1: header.logTime = header.logTime + .seconds(1)
            case 2: header.wallTime = header.wallTime + .seconds(1)
            default: header.cluster = ClusterID(high: 1, low: 1)
            }
            #expect(error(file(header, content))?.code == "snapshot_corrupt")
        }
        var header = backup.header
        header.membership.removeLast()
        #expect(error(file(header, content))?.code == "snapshot_corrupt")
    }

    @Test func damageInTheContentIsToldByItsPlaceInTheFile() throws {
        // Larger than three chunks of the file, whose borders are not those of the content's own chunks.
        var machine = LeaseMachine()
        var output = ApplyOutput()
        for place in 1...300 as ClosedRange<UInt64> {
            let request = RequestID(instance: ClientInstance(9), sequence: RequestSequence(place))
            let head = RequestHead(request: request, lowestUnanswered: request.sequence, newestSeen: .zero)
            var payload: [UInt8] = []
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: place), count: 1000)
            Command.acquire(head, Acquire(name: "jobs/\(place)", holder: "h", ttl: .seconds(9), value: value))
                .encode(into: &payload)
            let stamp = EntryStamp(index: LogIndex(place), logTime: LogTime(place), wallTime: WallTime(place))
            try machine.apply(payload.span.bytes, at: stamp, into: &output)
        }
        var header = backup.header
        (header.lastIndex, header.membershipIndex) = (machine.appliedIndex, LogIndex(1))
        (header.logTime, header.wallTime) = (machine.logTime, machine.wallTime)
        let whole = content(of: machine)
        #expect(whole.count > 3 * 65_536 && error(file(header, whole)) == nil)
        // Where the content's own chunks begin: their first bytes are to be found at the place that is told.
        var starts: [Int] = []
        var start = 0
        while start < whole.count {
            starts.append(start)
            start += 20 + Int(whole[start + 12]) + Int(whole[start + 13]) << 8 + Int(whole[start + 14]) << 16
        }
        #expect(starts.count > 5)
        for start in starts {
            var damaged = whole
            damaged[start + 25] ^= 4
            let bytes = file(header, damaged)
            guard case .snapshotCorrupt(_, let offset, _)? = error(bytes) else {
                Issue.record("damage at \(start) was not told")
                continue
            }
            #expect(bytes[offset] == damaged[start] && bytes[offset + 1] == damaged[start + 1])
            #expect(offset > start && offset < start + 1024)
        }
    }
}
