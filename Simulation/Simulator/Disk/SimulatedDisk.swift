public import LeaseholdBase
public import LeaseholdJournal

/// A data directory in memory with two images: what is durable, and what was written since.
///
/// A crash keeps some of what was not synced, as a real disk may: any subset of the writes, the last of them torn, and
/// any prefix of the changes of names.
public struct SimulatedDisk: Disk, Sendable {
    /// One write that is not durable yet.
    struct Write: Sendable {
        var offset: Int
        var bytes: [UInt8]
    }

    /// A file's contents, whatever its name.
    struct Inode: Sendable {
        var durable: [UInt8] = []
        var cached: [UInt8] = []
        var pending: [Write] = []
    }

    /// One change of names that is not durable yet.
    enum NameChange: Sendable {
        case set(String, Int)
        case rename(String, String, Int)
        case remove(String)

        /// The directory whose sync makes the change durable.
        var directory: String {
            switch self {
            case .set(let file, _), .rename(_, let file, _), .remove(let file):
                file.contains("/") ? String(file.prefix { $0 != "/" }) : ""
            }
        }

        func apply(to names: inout OrderedNames) {
            switch self {
            case .set(let name, let inode): names[name] = inode
            case .rename(let from, let to, let inode):
                names[from] = nil
                names[to] = inode
            case .remove(let name): names[name] = nil
            }
        }
    }

    private var inodes: [Inode] = []
    private var names = OrderedNames()
    private var durableNames = OrderedNames()
    private var pendingNames: [NameChange] = []
    private var open: [(file: FileID, inode: Int)] = []
    /// Whether the next sync of an open file fails.
    public var failsNextSync = false
    /// Whether a sync has failed in this life of the process.
    public private(set) var hasFailed = false
    /// How often something was made durable.
    public private(set) var syncs: UInt64 = 0

    /// An empty directory.
    public init() {}

    /// Loses the power: each write that was not synced is kept, lost or torn, and names change up to some point.
    public mutating func crash(_ random: inout RandomSource) {
        for position in inodes.indices {
            var image = inodes[position].durable
            for write in inodes[position].pending {
                switch random.below(4) {
                case 0: break
                case 1:
                    let kept = Int(random.below(UInt64(write.bytes.count) + 1))
                    Self.apply(Write(offset: write.offset, bytes: Array(write.bytes.prefix(kept))), to: &image)
                default: Self.apply(write, to: &image)
                }
            }
            inodes[position] = Inode(durable: image, cached: image)
        }
        let kept = Int(random.below(UInt64(pendingNames.count) + 1))
        for change in pendingNames.prefix(kept) { change.apply(to: &durableNames) }
        pendingNames = []
        names = durableNames
        open = []
        hasFailed = false
    }

    /// The process ended and the machine went on: nothing is lost but the open files.
    public mutating func processEnded() {
        open = []
        hasFailed = false
    }

    /// The disk as it would be after a loss of power that took all that was not synced.
    func durableCopy() -> SimulatedDisk {
        var copy = SimulatedDisk()
        copy.inodes = inodes.map { Inode(durable: $0.durable, cached: $0.durable) }
        copy.names = durableNames
        copy.durableNames = durableNames
        return copy
    }

    /// Fails as kernels do: what was to be written is given up and passes for clean, and whoever reads before the next
    /// loss of power still sees it (trap 42).
    private mutating func fail(_ inode: Int) throws(DiskError) {
        failsNextSync = false
        hasFailed = true
        inodes[inode].pending = []
        throw DiskError(.failed(code: 5))
    }

    private static func apply(_ write: Write, to bytes: inout [UInt8]) {
        let end = write.offset + write.bytes.count
        if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
        bytes.replaceSubrange(write.offset..<end, with: write.bytes)
    }

    private mutating func write(_ inode: Int, _ write: Write) {
        Self.apply(write, to: &inodes[inode].cached)
        inodes[inode].pending.append(write)
    }

    private mutating func sync(_ inode: Int) {
        for write in inodes[inode].pending { Self.apply(write, to: &inodes[inode].durable) }
        inodes[inode].pending = []
        syncs += 1
    }

    private func inode(_ name: String) throws(DiskError) -> Int {
        guard let inode = names[name] else { throw DiskError(.notFound) }
        return inode
    }

    private func opened(_ file: FileID) throws(DiskError) -> Int {
        guard let found = open.first(where: { $0.file == file }) else { throw DiskError(.failed(code: 9)) }
        return found.inode
    }

    // MARK: The blocking calls

    /// The names in a directory.
    public func list(_ directory: String) throws(DiskError) -> [String] {
        let prefix = directory.isEmpty ? "" : directory + "/"
        return names.all.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            .filter { !$0.contains("/") }
    }

    /// A file's size.
    public func size(_ file: String) throws(DiskError) -> Int { inodes[try inode(file)].cached.count }

    /// Reads as much as there is.
    public func read(_ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]) throws(DiskError) {
        let content = inodes[try inode(file)].cached
        guard offset < content.count else { return }
        bytes.append(contentsOf: content[offset..<min(offset + count, content.count)])
    }

    /// Makes a file.
    public mutating func create(_ file: String) throws(DiskError) {
        inodes.append(Inode())
        names[file] = inodes.count - 1
        pendingNames.append(.set(file, inodes.count - 1))
    }

    /// Writes into the cache.
    public mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError) {
        var copy: [UInt8] = []
        copy.append(bytes: bytes)
        write(try inode(file), Write(offset: offset, bytes: copy))
    }

    /// Makes a file durable.
    public mutating func sync(_ file: String) throws(DiskError) { sync(try inode(file)) }

    /// Renames in the cache.
    public mutating func rename(_ file: String, to name: String) throws(DiskError) {
        let change = NameChange.rename(file, name, try inode(file))
        change.apply(to: &names)
        pendingNames.append(change)
    }

    /// Removes in the cache.
    public mutating func remove(_ file: String) throws(DiskError) {
        _ = try inode(file)
        let change = NameChange.remove(file)
        change.apply(to: &names)
        pendingNames.append(change)
    }

    /// Directories are there once a file names them.
    public mutating func makeDirectory(_ directory: String) throws(DiskError) {}

    /// Makes the changes of names in a directory durable, in order.
    public mutating func syncDirectory(_ directory: String) throws(DiskError) {
        for change in pendingNames where change.directory == directory { change.apply(to: &durableNames) }
        pendingNames.removeAll { $0.directory == directory }
        syncs += 1
    }

    // MARK: Effects

    /// Performs an effect at once; the bytes are those that a `write` names a range of.
    public mutating func perform(_ effect: DiskEffect, bytes: [UInt8]) -> (DiskCompletion, read: [UInt8]) {
        var read: [UInt8] = []
        do throws(DiskError) {
            switch effect.operation {
            case .open(let file, let name): open.append((file, try inode(name)))
            case .create(let file, let name):
                try create(name)
                open.append((file, try inode(name)))
            case .fill(let file, let offset, let count):
                write(try opened(file), Write(offset: offset, bytes: [UInt8](repeating: 0, count: count)))
            case .write(let file, let offset, _): write(try opened(file), Write(offset: offset, bytes: bytes))
            case .sync(let file):
                let inode = try opened(file)
                if failsNextSync { try fail(inode) }
                sync(inode)
            case .rename(_, let from, let to): try rename(from, to: to)
            case .syncDirectory(let directory): try syncDirectory(directory)
            case .read(let file, let offset, let count):
                let content = inodes[try opened(file)].cached
                guard offset + count <= content.count else { throw DiskError(.failed(code: 5)) }
                read = Array(content[offset..<offset + count])
            case .close(let file): open.removeAll { $0.file == file }
            case .remove(let name): try remove(name)
            }
        } catch {
            let result: DiskCompletion.Result
            switch error.reason {
            case .spaceExhausted: result = .spaceExhausted
            case .failed(let code): result = .failed(code: code)
            case .notFound: result = .failed(code: 2)
            }
            return (DiskCompletion(number: effect.number, result: result), [])
        }
        return (DiskCompletion(number: effect.number, result: .success), read)
    }
}

/// File names in byte order: a listing is the same in every run.
struct OrderedNames: Sendable {
    private var entries: [(name: String, inode: Int)] = []

    /// All names, in order.
    var all: [String] { entries.map(\.name) }

    subscript(name: String) -> Int? {
        get { entries.first { $0.name == name }?.inode }
        set {
            entries.removeAll { $0.name == name }
            guard let newValue else { return }
            let position = entries.firstIndex { $0.name > name } ?? entries.count
            entries.insert((name, newValue), at: position)
        }
    }
}
