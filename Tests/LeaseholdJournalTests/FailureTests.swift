import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Failing calls, full disks, and other people's directories.
@Suite struct FailureTests {
    @Test func noRoomForASpareIsNoError() throws {
        var rig = try Rig()
        rig.append(10, bytes: 100)
        rig.disk.script.failing = (.fill, .spaceExhausted)
        rig.flush()
        #expect(rig.journal.failure == nil && rig.journal.isDiskLow)
        #expect(!rig.disk.fileNames.contains("journal/spare.tmp"), "what it took is given back")
        rig.append(1)
        rig.flush()
        #expect(rig.journal.flushed == PersistNumber(2), "the current segment goes on")
        #expect(rig.journal.deadline <= rig.now + .seconds(1))
        rig.wait(.seconds(2))
        #expect(!rig.journal.isDiskLow)
        for _ in 0..<60 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        #expect(rig.journal.flushed == PersistNumber(62))
        #expect(try recovered(from: rig.disk) == rig.last)
        #expect(rig.violations.isEmpty)
    }

    @Test func aBatchWaitsForRoomAndIsThenWritten() throws {
        var rig = try Rig()
        rig.append(10, bytes: 100)
        rig.flush()
        rig.append(40, bytes: 100)
        for _ in 0..<6 {
            rig.disk.script.failing = (.fill, .spaceExhausted)
            rig.flush()
            #expect(rig.journal.flushed == PersistNumber(1) && rig.journal.isDiskLow)
            rig.now = rig.journal.deadline
            rig.journal.tick(now: rig.now, into: &rig.effects)
        }
        rig.disk.script.failing = nil
        rig.settle()
        // However long there was no room: it is found out within two seconds.
        if rig.journal.flushed == PersistNumber(1) { rig.wait(.seconds(2)) }
        #expect(rig.journal.flushed == PersistNumber(2))
        #expect(try recovered(from: rig.disk) == rig.last)
        #expect(rig.violations.isEmpty)
    }

    /// A journal in which an attempt to make a spare has failed so many times, with no batch waiting for it.
    private func outOfSpace(attempts: Int) throws -> (rig: Rig, waits: [Nanoseconds]) {
        var rig = try Rig(segmentBytes: 16_384)
        var waits: [Nanoseconds] = []
        rig.append(40, bytes: 100)
        rig.disk.script.failing = (.fill, .spaceExhausted)
        var attempted = rig.now
        rig.flush()
        rig.wait()
        for _ in 1..<attempts {
            waits.append(rig.journal.deadline - attempted)
            rig.now = rig.journal.deadline
            attempted = rig.now
            rig.disk.script.failing = (.fill, .spaceExhausted)
            rig.journal.tick(now: rig.now, into: &rig.effects)
            #expect(rig.effects.count == 3 && rig.journal.isDiskLow, "trying is not yet having space")
            rig.settle()
            #expect(rig.effects.isEmpty && rig.journal.isDiskLow)
        }
        rig.disk.script.failing = nil
        return (rig, waits)
    }

    @Test func withNoBatchThatWaitsRoomIsLookedForLessAndLessOften() throws {
        var (rig, waits) = try outOfSpace(attempts: 9)
        #expect(waits == [1, 2, 4, 8, 16, 32, 32, 32].map { .seconds($0) })
        // There is room again. That is found out though nobody writes, and not before the whole spare is there.
        rig.now = rig.journal.deadline
        rig.journal.tick(now: rig.now, into: &rig.effects)
        var steps = 0
        while rig.journal.isDiskLow, rig.performOne() { steps += 1 }
        #expect(steps == 9, "the file is made, and four parts of it are filled and synced")
        #expect(!rig.journal.isDiskLow && rig.effects.isEmpty && rig.journal.deadline == .never)
        #expect(rig.violations.isEmpty)
    }

    @Test(arguments: [.zero, .seconds(1), .seconds(3)] as [Nanoseconds])
    func aBatchThatComesToWaitBringsTheNextLookForward(later: Nanoseconds) throws {
        var (rig, _) = try outOfSpace(attempts: 7)
        let failed = rig.now
        #expect(rig.journal.deadline == failed + .seconds(32))
        rig.now = failed + later
        rig.append(100, bytes: 100)
        rig.flush()
        if later < .seconds(2) {
            #expect(rig.journal.flushed == PersistNumber(1) && rig.journal.deadline == failed + .seconds(2))
            rig.wait(rig.journal.deadline - rig.now)
        }
        #expect(rig.journal.flushed == PersistNumber(2) && !rig.journal.isDiskLow)
        #expect(try recovered(from: rig.disk, segmentBytes: 16_384) == rig.last)
        #expect(rig.violations.isEmpty)
    }

    /// Acquires are refused while the disk is low, and so never become a batch that waits.
    @Test(arguments: [.zero, .seconds(1), .seconds(3)] as [Nanoseconds])
    func aRefusalForWantOfSpaceBringsTheNextLookForward(later: Nanoseconds) throws {
        var (rig, _) = try outOfSpace(attempts: 7)
        let failed = rig.now
        rig.now = failed + later
        rig.journal.wantSpace()
        #expect(rig.journal.deadline == failed + .seconds(2))
        rig.wait(max(.zero, rig.journal.deadline - rig.now))
        #expect(!rig.journal.isDiskLow && rig.journal.deadline == .never)
        // One that has room has nothing to look for.
        rig.journal.wantSpace()
        #expect(rig.journal.deadline == .never)
        #expect(rig.violations.isEmpty)
    }

    @Test func noRoomForANameIsTriedAgain() throws {
        var rig = try Rig()
        rig.append(10, bytes: 100)
        rig.flush()
        rig.append(40, bytes: 100)
        rig.disk.script.failing = (.rename, .spaceExhausted)
        rig.flush()
        #expect(rig.journal.failure == nil && rig.journal.isDiskLow && rig.journal.flushed == PersistNumber(1))
        rig.now = rig.now + .seconds(2)
        rig.journal.tick(now: rig.now, into: &rig.effects)
        #expect(rig.journal.isDiskLow, "trying is not yet having space")
        rig.settle()
        #expect(rig.journal.flushed == PersistNumber(2) && !rig.journal.isDiskLow)
        #expect(try recovered(from: rig.disk) == rig.last)
    }

    @Test func theDiskIsLowWhenOnlyTheReserveIsLeft() throws {
        var rig = try Rig { ($0.budgetBytes, $0.reserveBytes) = (20_000, 5_000) }
        var wentLowAt: Int?
        for _ in 0..<200 {
            rig.append(1, bytes: 100)
            rig.flush()
            if rig.journal.isDiskLow, wentLowAt == nil { wentLowAt = rig.journal.usedBytes }
        }
        let low = try #require(wentLowAt)
        #expect((15_000...16_000).contains(low), "\(low)")
        #expect(rig.journal.flushed == PersistNumber(200), "what goes on goes on")
    }

    @Test(arguments: [.write, .sync, .rename, .syncDirectory] as [DiskCall])
    func anyOtherFailureOfTheStreamPoisons(call: DiskCall) throws {
        var rig = try Rig()
        rig.append(10, bytes: 100)
        rig.flush()
        // Large enough for a new segment, so that all calls are made.
        rig.append(40, bytes: 100)
        rig.submit()
        while rig.disk.script.log.last != .fill, rig.performOne() {}
        while case .fill = rig.effects.first?.operation { _ = rig.performOne() }
        // The spare's own syncs come first; they poison nothing.
        while case .sync = rig.effects.first?.operation, rig.effects.count == 1 {
            _ = rig.performOne()
            while case .fill = rig.effects.first?.operation { _ = rig.performOne() }
        }
        rig.disk.script.failing = (call, .failed(code: 5))
        rig.settle()
        guard case .poisoned(let failure) = rig.progress.last else {
            Issue.record("\(rig.progress)")
            return
        }
        #expect(rig.journal.failure == failure && failure.result == .failed(code: 5))
        #expect(rig.journal.flushed == PersistNumber(1))
    }

    @Test func anotherNodesDirectoryIsRefused() throws {
        let rig = try DamageTests.journal(sealed: true)
        var visitor = Recovered()
        var disk = rig.disk
        do throws(JournalError) {
            _ = try Journal.recover(
                from: &disk, node: NodeID(4), configuration: Rig.configuration(), seed: 1, visitor: &visitor)
            Issue.record("it was accepted")
        } catch { #expect(error.code == "wrong_identity") }

        // A segment of another life, beside this one's identity file.
        var mixed = rig.disk
        mixed.rot("identity") {
            $0 = DirectoryIdentity(node: Rig.node, incarnation: Incarnation(77)).encode()
        }
        do throws(JournalError) {
            _ = try recovered(from: mixed)
            Issue.record("it was accepted")
        } catch { #expect(error.code == "wrong_identity") }
    }

    @Test func theClusterIsLearnedOnceAndThenKept() throws {
        let born = ClusterID(high: 1, low: 2)
        var rig = try Rig()
        rig.append(Request(term: Term(1), votedFor: NodeID(1)))
        rig.flush()
        rig.journal.learn(cluster: born)
        rig.append(1)
        rig.flush()
        let disk = rig.disk
        try rig.reopen()
        #expect(rig.journal.identity.cluster == born)
        for (cluster, isAccepted) in [(born, true), (ClusterID(high: 9, low: 9), false)] {
            var copy = disk
            var visitor = Recovered()
            do throws(JournalError) {
                _ = try Journal.recover(
                    from: &copy, node: Rig.node, cluster: cluster, configuration: Rig.configuration(), seed: 1,
                    visitor: &visitor)
                #expect(isAccepted)
            } catch {
                #expect(!isAccepted && error.code == "wrong_identity")
            }
        }
    }

    @Test func aDirectoryIsMadeOnce() throws {
        var rig = try Rig()
        do throws(JournalError) {
            try JournalDirectory.make(
                on: &rig.disk, identity: DirectoryIdentity(node: Rig.node, incarnation: Rig.incarnation),
                configuration: Rig.configuration(), seed: 1)
            Issue.record("it was made twice")
        } catch { #expect(error == .alreadyMade) }
        var empty = SimulatedDisk()
        #expect(try JournalDirectory.identity(on: &empty) == nil)
        do throws(JournalError) {
            _ = try recovered(from: empty)
            Issue.record("nothing was recovered")
        } catch { #expect(error == .notMade) }
    }

    @Test func aNewerFormatIsNamedAndNotCalledDamage() throws {
        let rig = try DamageTests.journal(sealed: true)
        let name = rig.journal.segments[0].name
        for (offset, length) in [(0, 128), (128, 96)] {
            var disk = rig.disk
            disk.rot(name) { bytes in
                bytes[offset + 8] = 2
                bytes.overwrite(
                    uint32: CRC32C.checksum(Array(bytes[offset + 8..<offset + length])), at: offset + 4)
            }
            do throws(JournalError) {
                _ = try recovered(from: disk)
                Issue.record("it was accepted")
            } catch {
                guard case .unsupported(name, offset, let reason) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(reason.contains("format 2, and this program reads formats 1 to 1: use a later version"))
                #expect(error.code == "not_supported" && error.description.contains(name))
            }
        }
    }

    @Test func aDirectoryOfANewerFormatIsNamedAndNotCalledDamage() throws {
        var rig = try Rig()
        let name = "identity"
        rig.disk.rot(name) { bytes in
            bytes[8] = 2
            bytes.overwrite(uint32: CRC32C.checksum(Array(bytes[8...])), at: 4)
        }
        let error = #expect(throws: JournalError.self) { try JournalDirectory.identity(on: &rig.disk) }
        #expect(error?.code == "not_supported")
        #expect(error?.description.contains("identity format 2, and this program reads formats 1 to 1") == true)
    }
}
