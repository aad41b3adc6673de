internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdSystem

/// Carries out the journal's effects: writes and fast syncs on the loop, everything that may take long on threads.
///
/// Which is which is decided by ``DiskPlacement``; the journal never knows the difference, for a completion is an event
/// either way.
struct DiskDriver {
    /// What is done, to be handed to the replica.
    var completions: [(completion: DiskCompletion, read: Range<Int>?)] = []
    /// The bytes of reads that are done.
    var readBytes: [UInt8] = []
    /// Signalled when a thread has done something.
    let wakeUp: WakeUp
    /// Syncs done on the loop, and on the thread.
    private(set) var syncsInline: UInt64 = 0
    /// Syncs done on the thread.
    private(set) var syncsOnThread: UInt64 = 0

    private let path: String
    private var files: [(id: FileID, file: SharedFile)] = []
    private var placement: DiskPlacement
    /// When the sync on the thread began.
    private var syncBegan = SteadyTime.zero
    private var batchThread: DiskThread?
    private let spareThread: DiskThread
    private var done: [DiskJobCompletion] = []

    init(_ path: String, electionTimeout: Nanoseconds) throws(SystemError) {
        self.path = path
        placement = DiskPlacement(electionTimeout: electionTimeout)
        wakeUp = try WakeUp()
        spareThread = try DiskThread(name: "leasehold-spare", wakeUp: wakeUp)
    }

    /// Whether the effect is a sync that the loop waits for: what is queued for peers is sent before it.
    mutating func blocks(_ effect: DiskEffect) -> Bool {
        if case .sync = effect.operation { return placement.place(effect) == .loop }
        return false
    }

    /// Carries out one effect. `batch` lends the bytes that a write names a range of:
    /// ``Journal/batchBytes``, or for a snapshot ``Journal/snapshotBytes``.
    mutating func perform(_ effect: DiskEffect, batch: RawSpan) {
        let place = placement.place(effect)
        do throws(SystemError) {
            switch effect.operation {
            case .open(let id, let name): files.append((id, try SharedFile(full(name), .write)))
            case .create(let id, let name): files.append((id, try SharedFile(full(name), .replace)))
            case .fill(let id, let offset, let count):
                try file(id).file.fillWithZeros(offset..<offset + count)
            case .write(let id, let offset, let range), .writeSnapshot(let id, let offset, let range):
                try file(id).file.write(batch.extracting(range), at: offset)
            case .sync(let id):
                if try beginSync(id, effect.number, on: place) { return }
            case .rename(_, let from, let to): try FileSystem.rename(full(from), to: full(to))
            case .syncDirectory(let directory):
                if spareThread.submit(.synchronizeDirectory(path: full(directory)), number: effect.number.rawValue) {
                    return
                }
                try FileSystem.synchronizeDirectory(full(directory))
            case .read(let id, let offset, let count):
                let start = readBytes.count
                try file(id).file.read(at: offset, count: count, appendingTo: &readBytes)
                finish(effect.number, .success, read: start..<readBytes.count)
                return
            case .close(let id): files.removeAll { $0.id == id }
            case .remove(let name): try FileSystem.remove(full(name))
            }
            finish(effect.number, .success)
        } catch {
            var read: Range<Int>?
            if case .read = effect.operation { read = readBytes.count..<readBytes.count }
            finish(effect.number, DiskCompletion.Result(error), read: read)
        }
    }

    /// Takes what the threads have done.
    mutating func collect() {
        wakeUp.clear()
        done.removeAll(keepingCapacity: true)
        spareThread.takeCompletions(into: &done)
        let spares = done.count
        batchThread?.takeCompletions(into: &done)
        for (position, job) in done.enumerated() {
            if position >= spares { placement.syncTook(SystemClocks.steady - syncBegan) }
            finish(DiskNumber(job.number), job.failure.map(DiskCompletion.Result.init) ?? .success)
        }
    }

    /// Syncs a file, or has a thread do it; true when a thread will tell.
    private mutating func beginSync(
        _ id: FileID, _ number: DiskNumber, on place: DiskPlacement.Place
    ) throws(SystemError) -> Bool {
        let shared = try file(id)
        if place == .spareThread {
            if spareThread.submit(.synchronizeData(file: shared.file.number), number: number.rawValue) { return true }
        } else if place == .batchThread {
            if batchThread == nil { batchThread = try DiskThread(name: "leasehold-sync", wakeUp: wakeUp) }
            syncBegan = SystemClocks.steady
            if batchThread?.submit(.synchronizeData(file: shared.file.number), number: number.rawValue) == true {
                syncsOnThread &+= 1
                return true
            }
        }
        let began = SystemClocks.steady
        try shared.file.synchronizeData()
        syncsInline &+= 1
        if place != .spareThread { placement.syncTook(SystemClocks.steady - began) }
        return false
    }

    private mutating func finish(_ number: DiskNumber, _ result: DiskCompletion.Result, read: Range<Int>? = nil) {
        completions.append((DiskCompletion(number: number, result: result), read))
    }

    private func file(_ id: FileID) throws(SystemError) -> SharedFile {
        guard let found = files.first(where: { $0.id == id }) else {
            throw SystemError(call: .open, code: .invalid)
        }
        return found.file
    }

    private func full(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }
}
