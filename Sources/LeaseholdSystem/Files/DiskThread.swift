internal import CLeaseholdSystem

/// Work on files that a loop does not want to wait for.
public enum DiskJob: Hashable, Sendable {
    /// Waits until what was written to an open file is on the device. The file stays open until the completion.
    case synchronizeData(file: Int32)
    /// Makes a file of zeros, on the device.
    case createFilled(path: String, size: Int)
    /// Gives a file another name.
    case rename(from: String, to: String)
    /// Removes a file.
    case remove(path: String)
    /// Waits until a directory's names are on the device.
    case synchronizeDirectory(path: String)

    static func synchronizeData(_ file: Int32) throws(SystemError) {
        _ = try perform(.fsync) { leasehold_sync_data(file) }
    }

    func run() throws(SystemError) {
        switch self {
        case .synchronizeData(let file): try Self.synchronizeData(file)
        case .createFilled(let path, let size): try FileSystem.createFilled(path, size: size)
        case .rename(let old, let new): try FileSystem.rename(old, to: new)
        case .remove(let path): try FileSystem.remove(path)
        case .synchronizeDirectory(let path): try FileSystem.synchronizeDirectory(path)
        }
    }
}

/// A job that is done.
public struct DiskJobCompletion: Hashable, Sendable {
    /// The number it was submitted under.
    public let number: UInt64
    /// Nil when it succeeded.
    public let failure: SystemError?
}

/// A thread of its own for jobs that wait for a disk: one after the other, in the order in which they came.
///
/// A driver starts one when a sync on its loop took too long, and another for filling segments ahead, so that a sync
/// never waits behind a fill.
public final class DiskThread: Sendable {
    private struct State: Sendable {
        var waiting: [(number: UInt64, job: DiskJob)] = []
        var running = 0
        var done: [DiskJobCompletion] = []
        var isStopping = false
    }

    private let state: Monitor<State>
    private let thread: SystemThread
    private let capacity: Int

    /// Starts the thread. Each completion signals the wake-up.
    public init(name: String, capacity: Int = 64, wakeUp: WakeUp) throws(SystemError) {
        let state = Monitor(State())
        self.state = state
        self.capacity = capacity
        thread = try SystemThread(name: name) { Self.work(state, wakeUp) }
    }

    deinit { stop() }

    /// Hands a job in. False when as many jobs as the capacity are waiting; it was not taken then.
    public func submit(_ job: DiskJob, number: UInt64) -> Bool {
        state.change { state in
            guard !state.isStopping, state.waiting.count + state.running < capacity else { return false }
            state.waiting.append((number, job))
            return true
        }
    }

    /// Appends what has been done since the last call.
    public func takeCompletions(into completions: inout [DiskJobCompletion]) {
        let done = state.withLock { state in
            let done = state.done
            state.done.removeAll(keepingCapacity: true)
            return done
        }
        completions.append(contentsOf: done)
    }

    /// Ends the thread after the jobs handed in so far.
    public func stop() {
        state.change { $0.isStopping = true }
        thread.join()
    }

    private static func work(_ state: Monitor<State>, _ wakeUp: WakeUp) {
        while true {
            let next: (number: UInt64, job: DiskJob)?? = state.wait { state in
                if !state.waiting.isEmpty {
                    state.running = 1
                    return .some(.some(state.waiting.removeFirst()))
                }
                return state.isStopping ? .some(.none) : nil
            }
            guard case .some(.some(let item)) = next else { return }
            var failure: SystemError?
            do throws(SystemError) { try item.job.run() } catch { failure = error }
            state.change { state in
                state.running = 0
                state.done.append(DiskJobCompletion(number: item.number, failure: failure))
            }
            wakeUp.signal()
        }
    }
}
