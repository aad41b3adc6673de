import LeaseMachine
import LeaseholdBase
import LeaseholdCommand
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdServer
import LeaseholdSystem
import Raft
import Testing

/// A directory for files of one test, gone with it.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = "/tmp/leasehold-snapshots-\(try SystemRandom.next())"
        try FileSystem.makeDirectory(path)
    }

    deinit { try? FileSystem.removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    var names: [String] { (try? FileSystem.list(path)) ?? [] }
}

@Suite struct SnapshotCommandTests {
    private static let small = JournalConfiguration(budgetBytes: 512 << 10)
    private static let node = ListedNode(id: NodeID(1), peerAddress: "127.0.0.1:7901", clientAddress: "127.0.0.1:7801")
    private static let saved = WallTime(1_750_000_000 * 1_000_000_000)

    /// A backup of two leases of a cluster of three.
    static func backup() throws -> [UInt8] {
        let members = (1...3 as ClosedRange<UInt64>).map {
            Member(
                id: NodeID($0), peerAddress: "10.0.0.\($0):7501", clientAddress: "10.0.0.\($0):7401",
                incarnation: Incarnation($0))
        }
        let cluster = ClusterID(high: 7, low: 8)
        let membership = try #require(
            Membership(
                clusterID: cluster, members: members, voters: [NodeID(1), NodeID(2)], learners: [NodeID(3)]))
        var machine = LeaseMachine()
        var output = ApplyOutput()
        for place in 1...2 as ClosedRange<UInt64> {
            let request = RequestID(instance: ClientInstance(9), sequence: RequestSequence(place))
            let head = RequestHead(request: request, lowestUnanswered: request.sequence, newestSeen: .zero)
            var payload: [UInt8] = []
            Command.acquire(head, Acquire(name: "jobs/\(place)", holder: "h", ttl: .seconds(9))).encode(into: &payload)
            let stamp = EntryStamp(index: LogIndex(place + 1), logTime: LogTime(5_000_000), wallTime: saved)
            try machine.apply(payload.span.bytes, at: stamp, into: &output)
        }
        var content: [UInt8] = []
        machine.beginSnapshot()
        while !machine.writeSnapshot(atMost: .max, into: &content) {}
        var writer = SnapshotFileWriter(
            SnapshotHeader(
                cluster: cluster, lastIndex: machine.appliedIndex, lastTerm: Term(4), logTime: machine.logTime,
                wallTime: saved, membershipIndex: LogIndex(1), membership: membership.encoded()))
        writer.append(content.span.bytes)
        _ = writer.finish()
        return writer.output
    }

    /// A backup and its name, of a file's bytes.
    static func read(_ bytes: [UInt8]) throws(JournalError) -> (Backup, SnapshotID) {
        var reader = BackupReader(name: "f", hashSeed: 1)
        try reader.feed(bytes.span.bytes)
        return try reader.finish()
    }

    /// What a line fails with.
    private func failure(_ line: [String]) throws -> CommandFailure? {
        guard case .run(let command, let invocation) = try Dispatcher(commands: Command.all).request(line) else {
            return nil
        }
        do throws(CommandFailure) {
            _ = try command.run(invocation)
            return nil
        } catch { return error }
    }

    private func text(_ members: [(key: String, value: JSON)]) -> String { JSON.object(members).text }

    @Test func aBackupIsToldInFull() throws {
        let scratch = try ScratchDirectory()
        let bytes = try Self.backup()
        try FileSystem.writeAll(bytes, to: scratch("f"))
        let (backup, id) = try BackupFile.read(scratch("f"))
        let report = BackupReport("f", id, backup)
        let told = text(report.members)
        #expect(told.hasPrefix(#"{"file": "f", "bytes": \#(bytes.count), "checksum": ""#))
        for part in [
            #""cluster": "00000000000000070000000000000008", "last": 3, "last_term": 4, "log_time_ms": 5, "#,
            #"5, "wall_time_ms": 1750000000000, "quarantine_ms": 0, "leases": 2, "claims": 2, "clients": 1, "#,
            #"1, "digest": "\#(backup.machine.digest)", "joint": false, "members": [{"id": 1, "voter": true, "#,
            #"true, "peer_address": "10.0.0.1:7501", "client_address": "10.0.0.1:7401", "#,
            #", "incarnation": "0000000000000001"}, "#,
        ] { #expect(told.contains(part)) }
        #expect(told.hasSuffix(#""client_address": "10.0.0.3:7401", "incarnation": "0000000000000003"}]}"#))
        #expect(told.contains(#"{"id": 3, "voter": false, "#))
        #expect(report.table.contains("as of       2025-06-15 15:06:40 UTC\n"))
        #expect(report.table.contains(" 3  no     10.0.0.3:7501"))
    }

    @Test func whatIsNoBackupIsSaidToBeNone() throws {
        let scratch = try ScratchDirectory()
        let bytes = try Self.backup()
        try FileSystem.writeAll(bytes + [10], to: scratch("longer"))
        let longer = try failure(["snapshot", "inspect", scratch("longer")])
        #expect(longer?.code == .snapshotCorrupt)
        #expect(longer?.message.contains("offset \(bytes.count)") == true)
        #expect(longer?.message.contains("bytes behind the end") == true)
        let restore = ["snapshot", "restore", scratch("longer"), "--data", scratch("new"), "--id", "1"]
        #expect(try failure(restore + ["--cluster", "1=a:1/a:2"])?.code == .snapshotCorrupt)
        #expect(!scratch.names.contains("new"))

        try FileSystem.writeAll(Array("hello\n".utf8), to: scratch("text"))
        let text = try failure(["snapshot", "inspect", scratch("text")])
        #expect(text?.code == .snapshotCorrupt && text?.message.contains("is no backup") == true)
        let directory = try failure(["snapshot", "inspect", scratch.path])
        #expect(directory?.code == .ioError && directory?.message.contains("is a directory") == true)
        #expect(try failure(["snapshot", "inspect", "/dev/null"])?.message.contains("is a device") == true)
        #expect(try failure(["snapshot", "save", ""])?.code == .usage)
        #expect(try failure(["member", "replace", "1", "1"])?.code == .usage)
    }

    @Test func aRestoredDirectoryIsSavedAndRestoredAgain() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.writeAll(try Self.backup(), to: scratch("f"))
        let clock = WallTime(Self.saved.rawValue + 60_000_000_000)
        let restored = try RestoredNode(
            scratch("f"), as: Self.node, in: scratch("deep/1"), at: clock, quarantine: true, journal: Self.small)
        let told = text(restored.members)
        #expect(told.hasPrefix(#"{"data": "\#(scratch("deep/1"))", "node": 1, "incarnation": ""#))
        #expect(told.contains(#""quarantine_ms": 86400000, "leases": 2, "claims": 2, "file": ""#))
        #expect(
            told.hasSuffix(
                #""old_cluster": "00000000000000070000000000000008", "old_last": 3, "old_wall_time_ms": 1750000000000}"#
            ))
        #expect(restored.table.contains("quarantine   nothing is granted for the first 24h\n"))
        let serve = """
            leasehold serve --id 1 --data \(scratch("deep/1")) --listen-client 127.0.0.1:7801 \
            --listen-peer 127.0.0.1:7901 --cluster 1=127.0.0.1:7901/127.0.0.1:7801
            """
        #expect(restored.serve == serve)
        // What it says to type is taken.
        let line = restored.serve.split(separator: " ").dropFirst().map(String.init)
        guard case .run(let found, _) = try Dispatcher(commands: Command.all).request(line) else { return }
        #expect(found.name == "serve")

        let saved = try SavedNode(scratch("deep/1"), to: scratch("g"), takesUncommitted: false)
        #expect(text(saved.members).hasSuffix(#", "node": 1, "uncommitted": 0, "uncommitted_taken": false}"#))
        let (backup, _) = try BackupFile.read(scratch("g"))
        #expect(backup.machine.leaseCount == 2 && backup.quarantineLeft == .seconds(86_400))
        #expect(saved.table.hasSuffix("\nSaved from node 1.\n"))
        #expect(saved.table.contains("quarantine  nothing is granted for another 24h\n"))
        _ = try RestoredNode(
            scratch("g"), as: Self.node, in: scratch("2"), at: clock, quarantine: false, journal: Self.small)
        #expect(scratch.names == ["2", "deep", "f", "g"], "nothing is left beside what was asked for")
    }

    @Test func nothingIsWrittenOver() throws {
        let scratch = try ScratchDirectory()
        let bytes = try Self.backup()
        try FileSystem.writeAll(bytes, to: scratch("f"))
        let clock = WallTime(Self.saved.rawValue + 1_000_000_000)
        _ = try RestoredNode(
            scratch("f"), as: Self.node, in: scratch("1"), at: clock, quarantine: true, journal: Self.small)
        for name in ["f", "1", "none/f"] {
            let found = try #require(try failure(["snapshot", "save", scratch(name), "--data", scratch("1")]))
            #expect([.usage, .ioError].contains(found.code) && found.message.contains(scratch(name)))
        }
        #expect(try FileSystem.readAll(scratch("f")) == bytes)
        // A directory with anything in it stays as it is, be it a node's or not.
        try FileSystem.makeDirectory(scratch("other"))
        try FileSystem.writeAll([1], to: scratch("other/notes"))
        let identity = try FileSystem.readAll(scratch("1/identity"))
        for name in ["1", "other", "f"] {
            let found = try #require(
                try failure([
                    "snapshot", "restore", scratch("f"), "--data", scratch(name), "--id", "1", "--cluster",
                    "1=127.0.0.1:7901/127.0.0.1:7801",
                ]))
            #expect(found.code == .usage && found.message.contains(scratch(name)))
        }
        #expect(try FileSystem.readAll(scratch("1/identity")) == identity)
        #expect(try FileSystem.list(scratch("other")) == ["notes"])
        #expect(scratch.names == ["1", "f", "other"])
    }

    @Test func theDirectoryOfARunningNodeIsRefused() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.writeAll(try Self.backup(), to: scratch("f"))
        let clock = WallTime(Self.saved.rawValue + 1_000_000_000)
        _ = try RestoredNode(
            scratch("f"), as: Self.node, in: scratch("1"), at: clock, quarantine: true, journal: Self.small)
        let lock = try DirectoryLock(scratch("1"))
        let found = try #require(try failure(["snapshot", "save", scratch("g"), "--data", scratch("1")]))
        withExtendedLifetime(lock) {}
        #expect(found.code == .directoryLocked && found.code.exitStatus == 73)
        #expect(found.message.hasSuffix("stop its node first"))
        #expect(scratch.names == ["1", "f"])
    }

    @Test func damageIsRefusedWithItsPlaceAndANewerFormatAsThat() throws {
        let scratch = try ScratchDirectory()
        let bytes = try Self.backup()
        var damaged = bytes
        damaged[bytes.count / 2] ^= 1
        try FileSystem.writeAll(damaged, to: scratch("damaged"))
        try FileSystem.writeAll(Array(bytes.dropLast(1)), to: scratch("short"))
        try FileSystem.writeAll([UInt8](repeating: 0x61, count: 200), to: scratch("text"))
        var newer = bytes
        newer[8] = 2
        newer.overwrite(uint32: CRC32C.checksum(Array(newer[8..<Int(newer[9]) * 8])), at: 4)
        try FileSystem.writeAll(newer, to: scratch("newer"))
        for (name, code, exit, words) in [
            ("damaged", "snapshot_corrupt", 65, " is corrupt at offset "),
            ("short", "snapshot_corrupt", 65, " is corrupt at offset \(bytes.count - 1): the file ends early;"),
            ("text", "snapshot_corrupt", 65, "or it is no backup;"),
            ("newer", "not_supported", 64, " was written by a newer version, at offset 0: snapshot format 2, and this"),
            ("missing", "io_error", 74, " is no file that is there"),
        ] as [(String, String, Int32, String)] {
            let restore = [
                "snapshot", "restore", scratch(name), "--data", scratch("1"), "--id", "1", "--cluster",
                "1=127.0.0.1:7901/127.0.0.1:7801",
            ]
            for line in [["snapshot", "inspect", scratch(name)], restore] {
                let found = try #require(try failure(line))
                #expect(found.code.rawValue == code && found.code.exitStatus == exit)
                #expect(found.message.hasPrefix(scratch(name)) && found.message.contains(words))
            }
        }
        #expect(!scratch.names.contains("1"), "what cannot be restored makes no directory")
    }

    @Test func aClockBehindTheBackupIsToldInPeoplesTime() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.writeAll(try Self.backup(), to: scratch("f"))
        do throws(CommandFailure) {
            _ = try RestoredNode(
                scratch("f"), as: Self.node, in: scratch("1"), at: WallTime(1_700_000_000 * 1_000_000_000),
                quarantine: true, journal: Self.small)
            Issue.record("restored on a clock that is behind")
        } catch {
            #expect(error.code == .usage && error.message.contains("it is of 2025-06-15 15:06:40 UTC"))
            #expect(error.message.contains("this machine's clock says 2023-11-14 22:13:20 UTC; set the clock right"))
        }
        #expect(scratch.names == ["f"])
    }

    @Test func aRestoreThatWasCutShortIsBegunAgain() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.writeAll(try Self.backup(), to: scratch("f"))
        // What an earlier one has left: everything but the identity, which comes last.
        let clock = WallTime(Self.saved.rawValue + 1_000_000_000)
        for _ in 0..<2 {
            _ = try RestoredNode(
                scratch("f"), as: Self.node, in: scratch("1"), at: clock, quarantine: true, journal: Self.small)
            try FileSystem.rename(scratch("1/identity"), to: scratch("1/identity.tmp"))
        }
        #expect(try failure(["snapshot", "save", scratch("g"), "--data", scratch("1")])?.code == .ioError)
        try FileSystem.rename(scratch("1/identity.tmp"), to: scratch("1/identity"))
        _ = try SavedNode(scratch("1"), to: scratch("g"), takesUncommitted: false)
    }

    @Test func whatARestoreHasLeftHalfMadeIsServedByNobodyAndRestoredAgain() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.writeAll(try Self.backup(), to: scratch("f"))
        try FileSystem.makeDirectory(scratch("1/journal"))
        try FileSystem.writeAll([], to: scratch("1/restoring"))
        var disk = DataDirectory(scratch("1"))
        let configuration = ReplicaConfiguration(id: Self.node.id, listed: [Self.node])
        let now = TimeReading(steady: SteadyTime(1), wall: Self.saved)
        do throws(JournalError) {
            _ = try Replica.open(configuration, disk: &disk, seed: 1, now: now)
            Issue.record("it was opened")
        } catch {
            #expect(error == .restoreUnfinished && error.code == "io_error")
            #expect(error.description.contains("run leasehold snapshot restore again, with the same directory"))
        }
        _ = try RestoredNode(
            scratch("f"), as: Self.node, in: scratch("1"), at: WallTime(Self.saved.rawValue + 1), quarantine: true,
            journal: Self.small)
        #expect(try FileSystem.list(scratch("1")) == ["identity", "journal", "lock"])
    }

    @Test func whatIsNoNodesDirectoryIsLeftAlone() throws {
        let scratch = try ScratchDirectory()
        try FileSystem.makeDirectory(scratch("empty"))
        for name in ["empty", "missing"] {
            let found = try #require(try failure(["snapshot", "save", scratch("f"), "--data", scratch(name)]))
            #expect(
                found.code == .ioError && found.message.contains("holds no node's data; give what serve has as --data"))
        }
        #expect(try FileSystem.list(scratch("empty")).isEmpty && scratch.names == ["empty"])
    }

    @Test(arguments: [
        "--id 2 --cluster 1=127.0.0.1:1/127.0.0.1:2", "--id 1 --cluster 1=a:1/a:2,2=b:1/b:2",
        "--id 0 --cluster 0=a:1/a:2",
        "--cluster 1=a:1/a:2", "--id 1", "--id 1 --cluster 1=a:1",
    ]) func aRestoreIsOfOneNodeThatSaysWhereItIs(flags: String) throws {
        let line =
            ["snapshot", "restore", "/nothing", "--data", "/nothing/here"]
            + flags.split(separator: " ").map(String.init)
        #expect(try failure(line)?.code == .usage)
    }

    @Test func aClusterThatIsNotReachedIsNotSavedAndNothingIsLeftBehind() throws {
        let scratch = try ScratchDirectory()
        let line = ["snapshot", "save", scratch("f"), "--endpoints", "127.0.0.1:1", "--timeout", "20ms"]
        let found = try #require(try failure(line))
        #expect(found.code == .unreachable && scratch.names == [])
    }

    @Test(arguments: [
        "--data /nothing --endpoints a:1", "--data /nothing --node 1", "--data /nothing --timeout 1s", "--uncommitted",
        "--node first",
    ]) func whatIsOfARunningClusterDoesNotGoWithAStoppedNode(flags: String) throws {
        let line = ["snapshot", "save", "/tmp/never"] + flags.split(separator: " ").map(String.init)
        #expect(try failure(line)?.code == .usage)
    }

    @Test(
        arguments: [
            (0, "1970-01-01 00:00:00 UTC"), (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59:59 UTC"), (1_735_689_599, "2024-12-31 23:59:59 UTC"),
            (1_795_278_010, "2026-11-21 16:20:10 UTC"), (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] as [(UInt64, String)]) func aMomentIsToldInUniversalTime(seconds: UInt64, text: String)
    {
        #expect(calendar(WallTime(seconds * 1_000_000_000 + 999)) == text)
    }
}
