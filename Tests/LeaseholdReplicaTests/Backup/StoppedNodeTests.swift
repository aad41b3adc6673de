import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft
import Simulator
import Testing

@Suite struct StoppedNodeTests {
    @Test func whatIsKnownToBeCommittedIsSavedAndNoMore() throws {
        var script = try DirectoryScript.threeLeases()
        for name in ["late/a", "late/b"] { script.acquire(name) }
        let saved = try script.saved()
        #expect(saved.owner == DirectoryIdentity(node: NodeID(2), incarnation: Incarnation(22)))
        #expect(saved.backup.machine.leaseCount == 3 && saved.backup.header.lastIndex == LogIndex(4))
        // The entry that tells of the commit, and two more.
        #expect(saved.uncommittedCount == 3 && saved.warning == nil)
        #expect(saved.backup.header.cluster == DirectoryScript.cluster && saved.backup.header.lastTerm == Term(1))
        #expect(saved.backup.membership == (try DirectoryScript.membership([1, 2, 3])))
        #expect(saved.backup.header.membershipIndex == LogIndex(1))
        #expect(saved.backup.header.birth == saved.backup.header.membership)
        script.commitAll()
        let later = try script.saved()
        #expect(later.backup.machine.leaseCount == 5 && later.uncommittedCount == 1)
    }

    @Test func whatIsNotKnownToBeCommittedIsTakenWhenAskedFor() throws {
        var script = try DirectoryScript.threeLeases()
        script.acquire("late/a")
        script.append(.membership, try DirectoryScript.membership([1, 2, 3, 4]).encoded())
        script.acquire("late/b")
        let saved = try script.saved(takesUncommitted: true)
        #expect(saved.backup.machine.leaseCount == 5 && saved.uncommittedCount == 4)
        #expect(saved.backup.header.lastIndex == LogIndex(8))
        #expect(try Backup(file: saved.backup.file().bytes).machine.digest == saved.backup.machine.digest)
        // But for who the members are, which only a committed entry decides.
        #expect(saved.backup.membership.members.count == 3 && saved.backup.header.membershipIndex == LogIndex(1))
    }

    @Test func aNodeThatAloneIsAQuorumHasCommittedAllThatItHolds() throws {
        var script = try DirectoryScript([2])
        script.acquire("jobs/a")
        #expect(try script.saved().backup.machine.leaseCount == 1)
        #expect(try script.saved().uncommittedCount == 0)
        // By the newest membership, whether that is known to be committed or not.
        var shrunk = try DirectoryScript.threeLeases()
        shrunk.append(.membership, try DirectoryScript.membership([2]).encoded())
        shrunk.acquire("jobs/d")
        #expect(try shrunk.saved().backup.machine.leaseCount == 4)
        var grown = try DirectoryScript([2])
        grown.acquire("jobs/a")
        grown.commitAll()
        grown.append(.membership, try DirectoryScript.membership([1, 2]).encoded())
        grown.acquire("jobs/b")
        #expect(try grown.saved().backup.machine.leaseCount == 1)
    }

    @Test func aLiveNodesStateIsWhatIsSavedOfIt() throws {
        var node = try LoneNode()
        for sequence in 1...5 as ClosedRange<UInt64> {
            #expect(try node.acquire("jobs/\(sequence)", sequence: sequence) != nil)
        }
        var disk = node.disk
        disk.processEnded()
        let saved = try StoppedNode(recoveredFrom: &disk, seed: 1)
        #expect(saved.backup.machine.digest == node.replica.machine.digest)
        #expect(saved.backup.header.lastIndex == node.replica.appliedIndex && saved.uncommittedCount == 0)
    }

    @Test func whatACleanEndKnowsToBeCommittedIsSaved() throws {
        var script = try DirectoryScript.threeLeases()
        script.acquire("last")
        #expect(try script.saved().backup.machine.leaseCount == 3)
        script.stop(knowing: script.index)
        #expect(try script.saved().backup.machine.leaseCount == 4)
        #expect(try script.saved().uncommittedCount == 0)
    }

    @Test func nothingInTheDirectoryIsChanged() throws {
        var script = try DirectoryScript.threeLeases()
        for place in 0..<200 { script.acquire("many/\(place)") }
        script.commitAll()
        script.acquire("behind")
        var disk = script.disk
        disk.processEnded()
        // What a stop may leave and a start would sweep away: a torn end, files on their way, a snapshot nobody names.
        let last = try #require(script.journal.segments.last)
        disk.rot(last.name) { $0[last.end - 5] ^= 1 }
        for name in ["journal/snapshot.tmp", "journal/0000000000000003.snap", "identity.tmp"] {
            try disk.create(name)
            try disk.write(name, at: 0, [1, 2, 3].span.bytes)
        }
        let before = disk.everything
        let saved = try StoppedNode(recoveredFrom: &disk, seed: 6)
        #expect(saved.backup.machine.leaseCount == 203)
        #expect(disk.everything == before)
        // A start of the node does change it, and comes to the same.
        var visitor = Ignoring()
        _ = try Journal.recover(
            from: &disk, node: NodeID(2), configuration: DirectoryScript.configuration, seed: 6, visitor: &visitor)
        #expect(disk.everything != before)
        let again = try StoppedNode(recoveredFrom: &disk, seed: 7)
        #expect(again.backup.machine.digest == saved.backup.machine.digest)
    }

    @Test func entriesThatWereGivenUpAreNotSaved() throws {
        var script = try DirectoryScript.threeLeases()
        script.acquire("void/a")
        script.acquire("void/b")
        script.truncate(after: 5)
        script.acquire("kept")
        script.commitAll()
        let machine = try script.saved().backup.machine
        #expect(machine.leaseCount == 4 && machine.appliedIndex == LogIndex(6))
        #expect(machine.lease(named: "void/a").holders.isEmpty && machine.lease(named: "kept").holders.count == 1)
    }

    @Test func trap29_anUncommittedMembershipEntersNoBackup() throws {
        var script = try DirectoryScript.threeLeases()
        script.append(.membership, try DirectoryScript.membership([1, 2, 3, 4]).encoded())
        #expect(try script.saved().backup.membership.members.count == 3)
        #expect(try script.saved().backup.header.membershipIndex == LogIndex(1))
        script.commitAll()
        let saved = try script.saved().backup
        #expect(saved.membership.members.count == 4 && saved.header.membershipIndex == LogIndex(6))
    }

    @Test func aDirectoryWithoutAClusterIsToldAsThat() throws {
        var empty = SimulatedDisk()
        #expect(throws: BackupError.journal(.notMade)) { try StoppedNode(recoveredFrom: &empty, seed: 1) }
        var unborn = SimulatedDisk()
        try JournalDirectory.make(
            on: &unborn, identity: DirectoryIdentity(node: NodeID(1), incarnation: Incarnation(1)),
            configuration: DirectoryScript.configuration, seed: 3)
        #expect(throws: BackupError.nothingCommitted) { try StoppedNode(recoveredFrom: &unborn, seed: 1) }
        // Born, and yet the node knows of no commit.
        #expect(throws: BackupError.nothingCommitted) { try DirectoryScript().saved() }
    }

    @Test func damageIsRefusedWithItsPlace() throws {
        var script = try DirectoryScript.threeLeases()
        let first = try #require(script.journal.segments.first)
        script.disk.rot(first.name) { $0[300] ^= 1 }
        do throws(BackupError) {
            _ = try script.saved()
            Issue.record("damage was not seen")
        } catch {
            #expect(error.code == "journal_corrupt" && error.description.contains(first.name))
        }
    }

    @Test func anEntryOfALaterVersionIsRefusedAsThat() throws {
        var script = try DirectoryScript.threeLeases()
        script.append(.command, [200, 200, 200])
        script.commitAll()
        #expect(throws: BackupError.unknownCommand(LogIndex(6), UnknownCommand())) { try script.saved() }
    }
}
