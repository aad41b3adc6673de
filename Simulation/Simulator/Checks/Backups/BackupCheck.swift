import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft

/// What an operator could make of one node's disk when all others are gone: a backup, taken in the middle of trouble by
/// the code that takes it in production, and new clusters of it.
///
/// The backup holds what was committed and nothing else (property 4), in the state that everybody had there (6); its file
/// is read back as it was written; what is restored from it begins above every index that the old cluster ever uses,
/// however long that goes on (13, trap 45), and two restores one after the other are as far apart as they are in time.
struct BackupCheck {
    private let label: String
    private let backup: Backup
    /// Where the clock stands that restores: at the backup's time or after it.
    private let clock: WallTime
    private let first: Restoration

    /// Takes a backup of a node, whichever the seed says, from what its disk would keep; nil when there is nothing to
    /// save.
    init?(_ world: World) {
        guard world.isBorn, !world.nodes.isEmpty else { return nil }
        let node = world.nodes[Int(world.plan.seed % UInt64(world.nodes.count))]
        label = node.label
        var disk = node.disk.durableCopy(repaired: true)
        let stopped: StoppedNode
        do throws(BackupError) {
            stopped = try StoppedNode(
                recoveredFrom: &disk, seed: world.plan.seed, knownLevel: world.knownLevel)
        } catch {
            switch error {
            // An emptied directory, one that never was a member's, or one that has heard of nothing.
            case .journal(.notMade), .nothingCommitted: break
            default:
                world.violate(9, by: node.label, "no backup can be made of its disk: \(error)", "nothing is damaged")
            }
            return nil
        }
        backup = stopped.backup
        Self.readBack(backup, label, world)
        clock = WallTime(backup.header.wallTime.rawValue + 1_000_000_000)
        guard let first = Self.restored(backup, at: clock, label, world) else { return nil }
        self.first = first
    }

    /// Compares with all that the old cluster did, before the backup and behind it.
    func finish(_ world: World) {
        let (last, header) = (world.checks.committed, backup.header)
        // Only now: the node may have known of a commit before anybody was seen to.
        let ledger = world.checks.ledger
        guard header.lastIndex <= last, ledger.term(at: header.lastIndex) == header.lastTerm else {
            return world.violate(
                4, by: label, "a backup ends with entry \(header.lastIndex) of term \(header.lastTerm)",
                "\(last) is committed, and that entry is of term \(ledger.term(at: header.lastIndex) ?? .zero)")
        }
        let digest = ClaimLedger.fold(backup.machine.digest) | 1
        if let known = ledger.digest(at: header.lastIndex), known != digest {
            return world.violate(
                6, by: label, "a backup of entry \(header.lastIndex) has the digest \(digest)", "\(known) is known")
        }
        guard first.firstIndex.rawValue > last.rawValue + 1 << 32 else {
            return world.violate(
                13, by: label, "a cluster restored from its backup begins at \(first.firstIndex)",
                "the old one has come to \(last)")
        }
        let later = WallTime(clock.rawValue + 1_000_000_000)
        guard let second = Self.restored(backup, at: later, label, world) else { return }
        guard second.firstIndex.rawValue >= first.firstIndex.rawValue + 1 << 20 else {
            return world.violate(
                13, by: label, "a second restore, a second later, begins at \(second.firstIndex)",
                "the first begins at \(first.firstIndex)")
        }
        open(second, world)
    }

    /// The file is what was saved.
    private static func readBack(_ backup: Backup, _ label: String, _ world: World) {
        var bytes: [UInt8] = []
        var writer = BackupWriter(backup)
        while true { if writer.write(into: &bytes) != nil { break } }
        do throws(JournalError) {
            var reader = BackupReader(
                name: "backup", hashSeed: world.plan.seed, knownLevel: world.knownLevel)
            try unsafe reader.feed(bytes.span.bytes)
            let (read, _) = try reader.finish()
            if read.machine.digest != backup.machine.digest || read.header != backup.header {
                world.violate(6, by: label, "a backup reads otherwise than it was", "\(backup.header)")
            }
        } catch { world.violate(9, by: label, "a backup just written is refused: \(error)", "nothing is damaged") }
    }

    private static func restored(_ backup: Backup, at clock: WallTime, _ label: String, _ world: World) -> Restoration?
    {
        do throws(RestoreError) {
            return try Restoration(
                backup, as: Self.node, at: clock, quarantine: true,
                seed: world.draws.bits(.seed, Int(clock.rawValue % 997)))
        } catch {
            world.violate(9, by: label, "a backup is not restored: \(error)", "its clock is right")
            return nil
        }
    }

    private static var node: ListedNode {
        ListedNode(id: NodeID(1), peerAddress: "restored:7501", clientAddress: "restored:7401")
    }

    /// A node starts in the restored directory, and has every lease, and no claim that could be renewed.
    private func open(_ restoration: Restoration, _ world: World) {
        var disk = SimulatedDisk()
        var making = restoration
        do throws(JournalError) {
            var configuration = JournalConfiguration(budgetBytes: world.plan.disk.journalBytes)
            configuration.segmentBytes = world.plan.disk.segmentBytes
            try making.make(on: &disk, configuration: configuration)
            var running = ReplicaConfiguration(id: Self.node.id, listed: [Self.node])
            running.segmentBytes = configuration.segmentBytes
            running.knownLevel = world.knownLevel
            let replica = try Replica.open(
                running, disk: &disk, seed: 1,
                now: TimeReading(steady: SteadyTime(1_000_000_000), wall: clock))
            for broken in replica.machine.violations() {
                world.violate(6, by: "what was restored from \(label)", broken, "")
            }
            let (before, after) = (backup.machine.claimCount, replica.machine.claimCount)
            if before != after {
                world.violate(
                    6, by: "what was restored from \(label)", "has \(after) claims", "the backup has \(before)")
            }
        } catch {
            world.violate(9, by: "what was restored from \(label)", "does not start: \(error)", "nothing is damaged")
        }
    }
}
