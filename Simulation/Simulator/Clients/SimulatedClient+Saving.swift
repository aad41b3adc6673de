import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire

/// What a client does as an operator who saves the cluster: pulls a snapshot as `snapshot save` does, by the same
/// ``SnapshotPull``, and reads what has come as a restore does.
extension SimulatedClient {
    /// A save under way.
    struct Save {
        var pull: SnapshotPull
        /// What was committed when it began: all of that was to be in it, or more.
        let committed: LogIndex
        /// Whether it goes on though the client winds down.
        let isOwed: Bool
        var bytes: [UInt8] = []
        var reference: SnapshotReference?
    }

    /// Begins to save, unless it does already.
    func save(_ world: World, isOwed: Bool = false) {
        guard save == nil, core != nil else { return }
        var random = source(.save, acts)
        let now = clockNow(world)
        // Some ask for little at a time: so a save takes its time, and things change meanwhile.
        let most = max(1, world.plan.snapshots?.pieceBytes ?? 4_096)
        let timeout = isOwed ? .seconds(5) : random.duration(in: .milliseconds(300)...(.seconds(4)))
        var plan = SnapshotPullPlan(
            pieceBytes: isOwed ? most : random.integer(in: max(1, most / 16)...most), timeout: timeout,
            takingPatience: .seconds(isOwed ? 8 : 15))
        if !isOwed, random.chance(1, in: 3) {
            plan.node = NodeID(UInt64(random.integer(in: 1...world.plan.nodes)))
        }
        save = Save(pull: SnapshotPull(plan, now: now), committed: world.checks.committed, isOwed: isOwed)
        world.scheduleTurn(self)
    }

    /// Asks what is to be asked next, or gives it up with everything else.
    func goOnWithSave(_ world: World, _ now: SteadyTime) {
        guard let isOwed = save?.isOwed else { return }
        guard isOwed || isBusy, !isStopping else {
            if let request = save?.pull.request { core?.giveUp(request, now: now) }
            return save = nil
        }
        core?.change { core in save?.pull.step(&core, now: now) }
    }

    /// Takes the end of a request, if it was the save's.
    func saved(_ handle: RequestHandle, _ result: RequestResult, _ world: World) {
        guard save?.pull.request == handle, let core else { return }
        let now = clockNow(world)
        world.record(.client, place, value: 0) { "save: \(Self.words(result))" }
        take(save?.pull.completed(handle, result, core, now: now) ?? [], world)
        // What comes next is asked in a turn of its own.
        if save != nil { world.scheduleTurn(self) }
    }

    private func take(_ news: [SnapshotPull.News], _ world: World) {
        for item in news {
            switch item {
            case .began(let reference, _):
                save?.bytes = []
                save?.reference = reference
            case .bytes(let bytes): save?.bytes += bytes
            case .complete: read(world)
            case .failed(let failure):
                world.record(.client, place, value: 0) { "save given up: \(failure)" }
                save = nil
            }
        }
    }

    /// All of it has come.
    private func read(_ world: World) {
        guard let done = save, let reference = done.reference, let core else { return }
        do throws(JournalError) {
            var reader = BackupReader(name: "a save", hashSeed: 1, knownLevel: world.knownLevel)
            unsafe try reader.feed(done.bytes.span.bytes)
            let (backup, id) = try reader.finish()
            save = nil
            tally.saves += 1
            world.checks.saved(backup, id, as: reference, committedBefore: done.committed, by: label, &world.findings)
        } catch {
            // What is destroyed on a node's disk may be found by whoever reads it. Others have it sound.
            let server = done.pull.server
            guard world.nodes.contains(where: { $0.id == server && world.atlas.hasDamagedSnapshots(of: $0.place) })
            else {
                world.violate(9, by: label, "was sent a snapshot: \(error)", "nothing destroyed it on its node")
                return save = nil
            }
            world.figures.damageNoticed += 1
            let now = clockNow(world)
            let news = save?.pull.refuse(core, now: now) ?? []
            take(news, world)
        }
    }
}

extension RandomSource {
    /// Whether a client that does something else now begins to save: seldom, and drawn apart from everything else.
    var isSaveDue: Bool {
        var random = self
        return random.chance(1, in: 120)
    }
}

extension FaultAtlas {
    /// Whether a snapshot of a node was damaged on its disk.
    fileprivate func hasDamagedSnapshots(of place: Int) -> Bool {
        entries.contains { $0.place == place && $0.file.hasSuffix(".snap") }
    }
}
