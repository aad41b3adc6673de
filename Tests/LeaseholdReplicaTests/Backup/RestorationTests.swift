import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft
import Simulator
import Testing

@Suite struct RestorationTests {
    static let node = ListedNode(id: NodeID(1), peerAddress: "10.0.0.9:7501", clientAddress: "10.0.0.9:7401")

    /// A wall clock so many seconds behind 2025-06-15, when the backup of the tests was saved.
    static func clock(_ seconds: UInt64) -> WallTime { WallTime((1_750_000_000 + seconds) * 1_000_000_000) }

    static func restored(
        _ backup: Backup, at clock: WallTime = clock(3600), quarantine: Bool = true, seed: UInt64 = 5
    ) throws -> (plan: Restoration, disk: SimulatedDisk) {
        var plan = try Restoration(backup, as: node, at: clock, quarantine: quarantine, seed: seed)
        var disk = SimulatedDisk()
        try plan.make(on: &disk, configuration: DirectoryScript.configuration)
        return (plan, disk)
    }

    private func backup() throws -> Backup { try DirectoryScript.threeLeases().saved().backup }

    @Test func aRestoredDirectoryBeginsWithTheStateAndItsNodeAlone() throws {
        let backup = try backup()
        var (plan, disk) = try Self.restored(backup)
        // Every name and byte of it is durable.
        disk.crash()
        let found = try StoppedNode(recoveredFrom: &disk, seed: 2)
        #expect(found.owner == plan.identity && found.owner.node == NodeID(1) && found.uncommittedCount == 0)
        #expect(found.backup.header == plan.header && found.backup.header.lastIndex.next == plan.firstIndex)
        #expect(found.backup.membership.members.map(\.id) == [NodeID(1)])
        #expect(found.backup.membership.members[0].incarnation == plan.identity.incarnation)
        #expect(found.backup.membership.members[0].peerAddress == "10.0.0.9:7501")
        #expect(found.backup.header.cluster != backup.header.cluster && found.backup.header.cluster != .unborn)
        #expect(found.backup.header.lastTerm == backup.header.lastTerm)
        #expect(found.backup.machine.leaseCount == 3 && found.backup.machine.violations().isEmpty)
        #expect(found.backup.quarantineLeft == .seconds(86_400) && plan.quarantine == .seconds(86_400))
    }

    @Test func itGoesOnWithItsLogAndCanBeSavedAgain() throws {
        let (plan, disk) = try Self.restored(try backup())
        var script = try DirectoryScript(
            goingOnWith: disk, node: NodeID(1), after: plan.header.lastIndex, term: plan.header.lastTerm)
        script.milliseconds = 1_000
        script.acquire("refused")
        let saved = try script.saved()
        #expect(saved.backup.header.lastIndex == plan.firstIndex && saved.backup.machine.leaseCount == 3)
        #expect(saved.backup.header.cluster == plan.header.cluster)
        #expect(saved.backup.header.membershipIndex == plan.header.lastIndex)
    }

    @Test func oldClaimsAreToldSoAndNothingIsGrantedBeforeTheQuarantineIsOver() throws {
        let backup = try backup()
        let (plan, _) = try Self.restored(backup)
        var (_, disk) = try Self.restored(backup)
        var machine = try StoppedNode(recoveredFrom: &disk, seed: 2).backup.machine
        var output = ApplyOutput()
        var index = plan.firstIndex
        func apply(_ command: Command, after time: Nanoseconds) throws -> Outcome? {
            var payload: [UInt8] = []
            command.encode(into: &payload)
            let stamp = EntryStamp(index: index, logTime: plan.header.logTime + time, wallTime: .zero)
            try machine.apply(payload.span.bytes, at: stamp, into: &output)
            index = index.next
            return output.outcome
        }
        func acquire(_ name: String, _ sequence: UInt64) -> Command {
            let request = RequestID(instance: ClientInstance(77), sequence: RequestSequence(sequence))
            let head = RequestHead(request: request, lowestUnanswered: request.sequence, newestSeen: machine.logTime)
            return .acquire(head, Acquire(name: name, holder: "h", ttl: .seconds(5)))
        }
        let held = try #require(machine.lease(named: "jobs/a").holders.first)
        _ = try apply(.renew([Renewal(claim: held.claim)]), after: .seconds(1))
        #expect(output.statuses == [.ended(.restored)])
        #expect(machine.lease(named: "jobs/a").holders.count == 1, "its slot is kept until its time is over")
        guard case .refused(.quarantined(let remaining)) = try apply(acquire("new", 1), after: .seconds(2)) else {
            Issue.record("granted in the quarantine")
            return
        }
        #expect(remaining == .seconds(86_398))
        machine.applyEmpty(
            at: EntryStamp(index: index, logTime: plan.header.logTime + .seconds(86_399), wallTime: .zero),
            into: &output)
        index = index.next
        guard
            case .acquired(_, .holding(let token, _)) = try apply(acquire("jobs/a", 2), after: .seconds(86_400))
        else {
            Issue.record("not granted behind the quarantine")
            return
        }
        #expect(token.rawValue >= plan.firstIndex.rawValue && token.rawValue > held.token.rawValue + 1 << 40)
    }

    @Test func theQuarantineCanBeWaived() throws {
        let (plan, _) = try Self.restored(try backup(), quarantine: false)
        #expect(plan.quarantine == .zero)
    }

    @Test func aClockBehindTheBackupIsRefused() throws {
        let backup = try backup()
        #expect(throws: RestoreError.self) {
            try Restoration(backup, as: Self.node, at: Self.clock(0), quarantine: true, seed: 1)
        }
    }

    @Test func aDirectoryInUseIsNotMadeAgain() throws {
        let backup = try backup()
        var (plan, disk) = try Self.restored(backup)
        let before = disk.everything
        #expect(throws: JournalError.alreadyMade) { try plan.make(on: &disk) }
        #expect(disk.everything == before)
    }

    @Test func whatIsRestoredTwiceIsTwoClusters() throws {
        let backup = try backup()
        let first = try Self.restored(backup, seed: 1).plan
        let second = try Self.restored(backup, at: Self.clock(3601), seed: 2).plan
        #expect(first.header.cluster != second.header.cluster)
        #expect(first.identity.incarnation != second.identity.incarnation)
        // And neither is the old one: a node of that would be a stranger to both.
        #expect(![first, second].map(\.header.cluster).contains(backup.header.cluster))
    }

    @Test func trap36_theOldClustersNodeOfTheSameIdIsAStranger() throws {
        let old = try DirectoryScript([1, 2, 3]).disk
        let plan = try Restoration(
            try backup(), as: ListedNode(id: NodeID(2), peerAddress: "a:1", clientAddress: "a:2"), at: Self.clock(60),
            quarantine: true, seed: 9)
        #expect(plan.identity.node == NodeID(2) && plan.identity.incarnation != Incarnation(22))
        // Neither journal goes on with the other's: they differ in cluster and incarnation.
        var disk = old
        #expect(throws: JournalError.self) {
            var visitor = Ignoring()
            _ = try Journal.recover(
                from: &disk, node: NodeID(2), cluster: plan.header.cluster,
                configuration: DirectoryScript.configuration, seed: 1, visitor: &visitor)
        }
    }

    @Test func trap45_restoresOneAfterTheOtherShareNoTokenHoweverMuchWasIssuedBetween() throws {
        // Each cluster lives for a while at a rate beyond any disk's and is lost; then the same backup is restored again,
        // which is one of the old cluster, or of one that was itself restored, and then goes on being one of that.
        for generations in 0...2 {
            var backup = try backup()
            var used: [Range<UInt64>] = [0..<backup.header.lastIndex.rawValue + 1]
            var seconds: UInt64 = 10
            for generation in 0...generations {
                var newest = backup
                for life in [60, 1, 2, 3_600, 400_000] as [UInt64] {
                    let plan = try Restoration(
                        backup, as: Self.node, at: Self.clock(seconds), quarantine: false, seed: seconds)
                    let first = plan.firstIndex.rawValue
                    let last = first + life * 1_000_000
                    for other in used { #expect(first >= other.upperBound + 1_000, "restored after \(seconds) s") }
                    used.append(first..<last)
                    // Saved in the middle of its life: what it issued later is in no backup.
                    if life == 2 {
                        newest = try Self.backup(plan, at: LogIndex(first + 1_000_000), Self.clock(seconds + 1))
                    }
                    seconds += life
                }
                if generation < generations { backup = newest }
            }
        }
    }

    /// A backup of a restored cluster as of an entry that it came to.
    private static func backup(_ plan: Restoration, at index: LogIndex, _ wall: WallTime) throws -> Backup {
        var (plan, disk) = (plan, SimulatedDisk())
        try plan.make(on: &disk, configuration: DirectoryScript.configuration)
        var machine = try StoppedNode(recoveredFrom: &disk, seed: 2).backup.machine
        var output = ApplyOutput()
        machine.applyEmpty(at: EntryStamp(index: index, logTime: machine.logTime, wallTime: wall), into: &output)
        return try Self.backup(of: machine, plan)
    }

    /// A backup of a state of a restored cluster.
    private static func backup(of machine: LeaseMachine, _ plan: Restoration) throws -> Backup {
        var header = plan.header
        (header.lastIndex, header.logTime, header.wallTime) = (machine.appliedIndex, machine.logTime, machine.wallTime)
        var frozen = machine
        var content: [UInt8] = []
        frozen.beginSnapshot()
        while !frozen.writeSnapshot(atMost: .max, into: &content) {}
        var writer = SnapshotFileWriter(header)
        writer.append(content.span.bytes)
        _ = writer.finish()
        return try Backup(file: writer.output)
    }

    @Test func aRestoreCutShortAnywhereCanBeBegunAgain() throws {
        let backup = try backup()
        var made = 0
        for call in 1..<200 {
            var disk = SimulatedDisk()
            disk.script.failsFrom = call
            var plan = try Restoration(
                backup, as: Self.node, at: Self.clock(60), quarantine: true, seed: UInt64(call))
            do throws(JournalError) {
                try plan.make(on: &disk, configuration: DirectoryScript.configuration)
                made = call
            } catch {}
            disk.crash()
            disk.script.failsFrom = .max
            if made > 0 { break }
            var again = try Restoration(
                backup, as: Self.node, at: Self.clock(61), quarantine: true, seed: 1_000 + UInt64(call))
            var owner: NodeID?
            do throws(JournalError) {
                try again.make(on: &disk, configuration: DirectoryScript.configuration)
                owner = again.identity.node
            } catch .alreadyMade {
                owner = plan.identity.node
            }
            #expect(owner == NodeID(1))
            #expect(try StoppedNode(recoveredFrom: &disk, seed: 1).backup.machine.leaseCount == 3)
        }
        #expect(made > 15)
    }

    /// In a directory that passes for an empty one a cluster would be born that begins at index 1 and knows no quarantine.
    @Test func trap45_noClusterIsBornWhereARestoreWasCutShort() throws {
        let backup = try backup()
        var configuration = ReplicaConfiguration(id: Self.node.id, listed: [Self.node])
        configuration.segmentBytes = DirectoryScript.configuration.segmentBytes
        let now = TimeReading(steady: SteadyTime(1), wall: Self.clock(70))
        var (refused, opened, isMade) = (0, 0, false)
        for call in 0..<200 where !isMade {
            var disk = SimulatedDisk()
            disk.script.failsFrom = call
            var plan = try Restoration(backup, as: Self.node, at: Self.clock(60), quarantine: true, seed: 5)
            do throws(JournalError) {
                try plan.make(on: &disk, configuration: DirectoryScript.configuration)
                isMade = true
            } catch {}
            for var image in disk.crashImages(.coarse) + [disk] {
                image.processEnded()
                image.script.failsFrom = .max
                let isEmpty = image.fileNames.isEmpty
                do {
                    let replica = try Replica.open(configuration, disk: &image, seed: 3, now: now)
                    if isEmpty { continue }
                    opened += 1
                    try #require(replica.journal.identity.cluster == plan.header.cluster)
                    try #require(replica.machine.leaseCount == 3 && replica.appliedIndex == plan.header.lastIndex)
                } catch JournalError.restoreUnfinished {
                    refused += 1
                    // A restore clears what is left.
                    var again = try Restoration(
                        backup, as: Self.node, at: Self.clock(61), quarantine: true, seed: 6)
                    try again.make(on: &image, configuration: DirectoryScript.configuration)
                    image.crash()
                    let replica = try Replica.open(configuration, disk: &image, seed: 3, now: now)
                    try #require(replica.journal.identity.cluster == again.header.cluster)
                    try #require(!image.fileNames.contains("restoring"))
                }
            }
        }
        #expect(isMade && refused > 20 && opened > 2, "\(refused) refused, \(opened) opened")
    }
}
