import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica

/// What the server's disk driver does: some calls on the loop, which stands still meanwhile, and some on threads.
extension SimulatedNode {
    func give(_ effect: DiskEffect, _ world: World) {
        switch driver.placement.place(effect) {
        case .loop: waitFor(effect, disk.duration(of: effect, at: world.now), world)
        case .batchThread:
            driver.syncBegan = reading(at: world.now).steady
            driver.syncOnThread = effect.number
            queue(effect, behind: &driver.batchBusyUntil, world)
        case .spareThread: queue(effect, behind: &driver.spareBusyUntil, world)
        }
    }

    /// A thread takes it up when it has done what it was given before. A stall that is over by then is not waited for again.
    private func queue(_ effect: DiskEffect, behind busyUntil: inout UInt64, _ world: World) {
        let begin = max(busyUntil, world.now)
        busyUntil = begin + disk.duration(of: effect, at: begin)
        world.queue.schedule(.disk(place, life: life, effect), at: busyUntil)
    }

    /// The loop waits for a call: for a sync and for whatever takes long by itself, for quick ones by and by.
    private func waitFor(_ effect: DiskEffect, _ time: UInt64, _ world: World) {
        if case .sync = effect.operation {
            // The followers' disks work while this one does.
            flush(world)
            driver.syncBegan = reading(at: world.now + driver.owed).steady
            driver.owed += time
        } else {
            driver.owed += time
            guard driver.owed > NodeDriver.owedAtMost else { return complete(effect, world) }
        }
        driver.blockedBy = effect
        world.standStill(self, for: driver.owed)
        driver.owed = 0
    }

    /// A thread of the disk is done.
    func diskDone(_ effect: DiskEffect, _ world: World) {
        let until = max(disk.standsStillUntil(effect), suspensions > 0 ? stoppedUntil : 0)
        if until > world.now {
            return world.queue.schedule(.disk(place, life: life, effect), at: until + 1_000)
        }
        let (completion, _) = disk.perform(effect, bytes: [])
        world.record(.disk, place) { "\(DiskWords.words(effect.operation)), \(DiskWords.words(completion.result))" }
        if disk.isCrashDue { return world.crash(self, losingPower: disk.isPowerLossDue) }
        if effect.number == driver.syncOnThread { syncedAt = reading(at: world.now).steady }
        world.deliver(.disk(completion), to: self)
    }

    func complete(_ effect: DiskEffect, _ world: World) {
        var bytes: [UInt8] = []
        if let running { bytes = running.replica.journal.copiedBytes(of: effect) }
        let (completion, read) = disk.perform(effect, bytes: bytes)
        world.record(.disk, place) { "\(DiskWords.words(effect.operation)), \(DiskWords.words(completion.result))" }
        if disk.isCrashDue { return world.crash(self, losingPower: disk.isPowerLossDue) }
        switch effect.operation {
        case .sync:
            syncedAt = reading(at: world.now).steady
            driver.placement.syncTook(syncedAt - driver.syncBegan)
            driver.completions.append((completion, nil))
        case .read: driver.completions.append((completion, read))
        default: driver.completions.append((completion, nil))
        }
    }
}
