import LeaseholdBase
import LeaseholdClientCore
import LeaseholdCommand
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdSystem
import LeaseholdWire
import Raft
import Testing

/// A backup's file that comes from a cluster that runs.
@Suite struct BackupDownloadTests {
    private let bytes: [UInt8]
    private let reference: SnapshotReference

    init() throws {
        let backup = try SnapshotCommandTests.backup()
        let (_, id) = try SnapshotCommandTests.read(backup)
        bytes = backup
        reference = SnapshotReference(
            position: LogPosition(index: id.lastIndex, term: id.lastTerm), byteCount: id.byteCount,
            checksum: id.checksum)
    }

    private func began(_ node: UInt64) -> SnapshotPull.News { .began(reference, from: NodeID(node)) }

    private func discard(_ download: consuming BackupDownload) {}

    @Test func itAppearsWholeUnderItsNameWhenAllOfItIsThereAndSound() throws {
        let scratch = try ScratchDirectory()
        var download = try BackupDownload(to: scratch("f"))
        let (half, rest) = (Array(bytes.prefix(500)), Array(bytes.dropFirst(500)))
        // What came of a snapshot that counts no more is of no use.
        let first = try download.take([began(1), .bytes([UInt8](bytes.prefix(1_000)))])
        let second = try download.take([began(2), .bytes(half)])
        #expect(!first && !second && scratch.names.allSatisfy { $0.hasSuffix(".tmp") })
        let isWhole = try download.take([.bytes(rest), .complete])
        let (_, node) = try download.keep()
        let found = try FileSystem.readAll(scratch("f"))
        #expect(isWhole && node == NodeID(2) && scratch.names == ["f"] && found == bytes)
    }

    @Test(arguments: [200, 700, -1]) func damageIsToldAndAnotherNodeMayHaveItSound(place: Int) throws {
        let scratch = try ScratchDirectory()
        var download = try BackupDownload(to: scratch("f"))
        var damaged = bytes
        damaged[place < 0 ? bytes.count - 1 : place] ^= 4
        let isWhole = try download.take([began(3), .bytes(damaged), .complete])
        let (isDamaged, flaw) = (download.isDamaged, download.flaw)
        #expect(!isWhole && isDamaged && flaw?.node == NodeID(3) && flaw?.error.code == "snapshot_corrupt")
        download.isDamaged = false
        let isSound = try download.take([began(1), .bytes(bytes), .complete])
        _ = try download.keep()
        #expect(isSound && scratch.names == ["f"])
    }

    @Test func anotherSnapshotThanWasToldIsNotTaken() throws {
        let scratch = try ScratchDirectory()
        var download = try BackupDownload(to: scratch("f"))
        var other = reference
        other.checksum ^= 1
        let isWhole = try download.take([.began(other, from: NodeID(1)), .bytes(bytes), .complete])
        let isDamaged = download.isDamaged
        discard(download)
        #expect(!isWhole && isDamaged && scratch.names == [])
    }

    @Test func nothingIsWrittenOver() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.writeAll([1], to: scratch("f"))
        #expect(throws: CommandFailure.self) { _ = try BackupDownload(to: scratch("f")) }
        // It may appear while the bytes come, too.
        var download = try BackupDownload(to: scratch("g"))
        try FileSystem.writeAll([2], to: scratch("g"))
        let isWhole = try download.take([began(1), .bytes(bytes), .complete])
        var failure: CommandFailure?
        do throws(CommandFailure) { _ = try download.keep() } catch { failure = error }
        discard(download)
        let kept = try FileSystem.readAll(scratch("g"))
        #expect(isWhole && failure?.code == .ioError && kept == [2] && Set(scratch.names) == ["f", "g"])
    }

    /// Where whoever saves is not alone, somebody may lay a link to what is not to be touched.
    @Test func whatStandsWhereItMightBeWrittenAsideIsNotTouched() throws {
        let scratch = try ScratchDirectory()
        let planted = "f.\(CurrentProcess.id).tmp"
        try FileSystem.writeAll([7], to: scratch(planted))
        var download = try BackupDownload(to: scratch("f"))
        let isWhole = try download.take([began(1), .bytes(bytes), .complete])
        _ = try download.keep()
        #expect(isWhole && Set(scratch.names) == ["f", planted])
        _ = try BackupFile.write(try SnapshotCommandTests.read(bytes).0, to: scratch("g"))
        #expect(Set(scratch.names) == ["f", "g", planted])
        #expect(try FileSystem.readAll(scratch(planted)) == [7])
    }

    @Test func whoeverIsStoppedInTheMiddleLeavesNothingBehind() throws {
        let scratch = try ScratchDirectory()
        let (backup, _) = try SnapshotCommandTests.read(bytes)
        let interruption = try Interruption()
        try interruption.check()
        var seen: [String] = []
        #expect(throws: CommandFailure.self) {
            _ = try BackupFile.write(backup, to: scratch("f")) { () throws(CommandFailure) in
                seen = scratch.names
                raise(.terminate)
                try interruption.check()
            }
        }
        #expect(seen.count == 1 && seen[0].hasPrefix("f.") && scratch.names == [])
    }
}
