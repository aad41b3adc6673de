import LeaseholdBase
import LeaseholdJournal

/// A disk in memory with two images: what is durable, and what was written since. A value: a copy is another world.
struct MemoryDisk: Disk {
    /// One write that is not durable yet.
    struct Write { var offset: Int, bytes: [UInt8] }
    /// A file's contents, whatever its name.
    struct Inode {
        var durable: [UInt8] = []
        var cached: [UInt8] = []
        var pending: [Write] = []
    }
    /// One change of names that is not durable yet.
    enum NameChange {
        case set(String, Int)
        case rename(String, String, Int)
        case remove(String)
    }

    var inodes: [Int: Inode] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var pendingNames: [NameChange] = []
    var open: [FileID: Int] = [:]
    var nextInode = 1

    /// Counts the calls that change something; the call with this number and all behind it fail.
    var changes = 0
    var failsFrom = Int.max
    /// Fails the next call of one kind.
    var failing: (call: String, reason: DiskError.Reason)?
    var log: [String] = []

    mutating func change(_ call: String) throws(DiskError) {
        log.append(call)
        changes += 1
        if changes > failsFrom { throw DiskError(.failed(code: 5)) }
        if let failing, call.hasPrefix(failing.call) {
            self.failing = nil
            throw DiskError(failing.reason)
        }
    }

    func inode(_ name: String) throws(DiskError) -> Int {
        guard let inode = names[name] else { throw DiskError(.notFound) }
        return inode
    }

    func contents(_ name: String) -> [UInt8] { names[name].flatMap { inodes[$0]?.cached } ?? [] }

    /// Changes a file behind everybody's back, durably.
    mutating func rot(_ name: String, _ body: (inout [UInt8]) -> Void) {
        guard let inode = names[name] else { return }
        body(&inodes[inode, default: Inode()].cached)
        let cached = inodes[inode]?.cached ?? []
        inodes[inode]?.durable = cached
        inodes[inode]?.pending = []
    }

    static func apply(_ write: Write, to bytes: inout [UInt8]) {
        let end = write.offset + write.bytes.count
        if bytes.count < end { bytes.append(contentsOf: [UInt8](repeating: 0, count: end - bytes.count)) }
        bytes.replaceSubrange(write.offset..<end, with: write.bytes)
    }

    mutating func write(inode: Int, _ write: Write) {
        Self.apply(write, to: &inodes[inode, default: Inode()].cached)
        inodes[inode]?.pending.append(write)
    }

    /// Brings to the durable image what was written since the last sync, and nothing else: a page that was lost and is
    /// taken for clean is not written again.
    mutating func sync(inode: Int) {
        let pending = inodes[inode]?.pending ?? []
        inodes[inode]?.pending = []
        for write in pending { Self.apply(write, to: &inodes[inode, default: Inode()].durable) }
    }

    // MARK: The blocking calls

    func list(_ directory: String) throws(DiskError) -> [String] {
        let prefix = directory + "/"
        let found = names.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        if found.isEmpty { throw DiskError(.notFound) }
        return found
    }

    func size(_ file: String) throws(DiskError) -> Int { inodes[try inode(file)]?.cached.count ?? 0 }

    func read(_ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]) throws(DiskError) {
        guard let content = inodes[try inode(file)]?.cached, offset < content.count else { return }
        bytes.append(contentsOf: content[offset..<min(offset + count, content.count)])
    }

    mutating func create(_ file: String) throws(DiskError) {
        try change("create \(file)")
        inodes[nextInode] = Inode()
        names[file] = nextInode
        pendingNames.append(.set(file, nextInode))
        nextInode += 1
    }

    mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError) {
        try change("write \(file)")
        var copy: [UInt8] = []
        copy.append(bytes: bytes)
        write(inode: try inode(file), Write(offset: offset, bytes: copy))
    }

    mutating func sync(_ file: String) throws(DiskError) {
        try change("sync \(file)")
        sync(inode: try inode(file))
    }

    mutating func rename(_ file: String, to name: String) throws(DiskError) {
        try change("rename \(file) \(name)")
        let inode = try inode(file)
        names[file] = nil
        names[name] = inode
        pendingNames.append(.rename(file, name, inode))
    }

    mutating func remove(_ file: String) throws(DiskError) {
        try change("remove \(file)")
        _ = try inode(file)
        names[file] = nil
        pendingNames.append(.remove(file))
    }

    mutating func makeDirectory(_ directory: String) throws(DiskError) { try change("make \(directory)") }

    mutating func syncDirectory(_ directory: String) throws(DiskError) {
        try change("directory \(directory)")
        var rest: [NameChange] = []
        for change in pendingNames {
            if Self.directory(of: change) == directory {
                Self.apply(change, to: &durableNames)
            } else {
                rest.append(change)
            }
        }
        pendingNames = rest
    }

    static func directory(of change: NameChange) -> String {
        let name: String
        switch change {
        case .set(let file, _), .rename(_, let file, _), .remove(let file): name = file
        }
        return name.contains("/") ? String(name.prefix { $0 != "/" }) : ""
    }

    static func apply(_ change: NameChange, to names: inout [String: Int]) {
        switch change {
        case .set(let name, let inode): names[name] = inode
        case .rename(let from, let to, let inode):
            names[from] = nil
            names[to] = inode
        case .remove(let name): names[name] = nil
        }
    }

    // MARK: Effects

    /// Performs an effect at once.
    mutating func perform(_ effect: DiskEffect, _ bytes: RawSpan) -> (DiskCompletion, read: [UInt8]) {
        var read: [UInt8] = []
        do throws(DiskError) {
            switch effect.operation {
            case .open(let file, let name): open[file] = try inode(name)
            case .create(let file, let name):
                try create(name)
                open[file] = try inode(name)
            case .fill(let file, let offset, let count):
                try change("fill \(count)")
                write(inode: try opened(file), Write(offset: offset, bytes: [UInt8](repeating: 0, count: count)))
            case .write(let file, let offset, let range):
                try change("write \(range.count)")
                var copy: [UInt8] = []
                copy.append(bytes: bytes.extracting(range))
                write(inode: try opened(file), Write(offset: offset, bytes: copy))
            case .sync(let file):
                try change("sync")
                sync(inode: try opened(file))
            case .rename(_, let from, let to): try rename(from, to: to)
            case .syncDirectory(let directory): try syncDirectory(directory)
            case .read(let file, let offset, let count):
                let content = inodes[try opened(file)]?.cached ?? []
                guard offset + count <= content.count else { throw DiskError(.failed(code: 5)) }
                read = Array(content[offset..<offset + count])
            case .close(let file): open[file] = nil
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

    func opened(_ file: FileID) throws(DiskError) -> Int {
        guard let inode = open[file] else { throw DiskError(.failed(code: 9)) }
        return inode
    }
}
