/// File names in byte order: a listing is the same in every run.
struct OrderedNames: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var name: String
        /// Where its contents are, or ``directory``.
        var inode: Int
    }

    /// Stands for the contents of a directory.
    static let directory = -1

    private(set) var entries: [Entry] = []

    /// All names, in order.
    var all: [String] { entries.map(\.name) }

    subscript(name: String) -> Int? {
        get { entries.first { $0.name == name }?.inode }
        set {
            entries.removeAll { $0.name == name }
            guard let newValue else { return }
            let position = entries.firstIndex { $0.name > name } ?? entries.count
            entries.insert(Entry(name: name, inode: newValue), at: position)
        }
    }

    /// Forgets what stands in directories that are not there.
    mutating func dropOrphans() {
        let directories = entries.filter { $0.inode == Self.directory }.map(\.name)
        entries.removeAll { entry in
            let parent = Self.directory(of: entry.name)
            return !parent.isEmpty && !directories.contains(parent)
        }
    }

    /// The directory that a name stands in; empty for the data directory itself.
    static func directory(of name: String) -> String {
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(name[..<slash])
    }
}

/// One change of names that is not durable yet.
enum NameChange: Hashable, Sendable {
    case set(String, Int)
    case rename(String, String, Int)
    case remove(String)

    /// The directory whose sync makes the change durable.
    var directory: String {
        switch self {
        case .set(let file, _), .rename(_, let file, _), .remove(let file): OrderedNames.directory(of: file)
        }
    }

    /// What contents it is about.
    var inode: Int? {
        switch self {
        case .set(_, let inode), .rename(_, _, let inode): inode
        case .remove: nil
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
