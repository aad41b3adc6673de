import LeaseholdJournal

/// What a node asks of its disk, for people.
enum DiskWords {
    /// `write to file 1: 432 bytes at 128`.
    static func words(_ operation: DiskEffect.Operation) -> String {
        switch operation {
        case .open(let file, let name): "open file \(file), \(name)"
        case .create(let file, let name): "create file \(file), \(name)"
        case .fill(let file, let offset, let count): "fill file \(file): \(count) bytes at \(offset)"
        case .write(let file, let offset, let bytes): "write to file \(file): \(bytes.count) bytes at \(offset)"
        case .sync(let file): "sync file \(file)"
        case .rename(let file, let old, let new): "rename file \(file), \(old), to \(new)"
        case .syncDirectory(let name): "sync the directory \(name)"
        case .read(let file, let offset, let count): "read file \(file): \(count) bytes at \(offset)"
        case .close(let file): "close file \(file)"
        case .remove(let name): "remove \(name)"
        }
    }

    /// What became of it.
    static func words(_ result: DiskCompletion.Result) -> String {
        switch result {
        case .success: "done"
        case .failed(let code): "failed (error \(code))"
        case .spaceExhausted: "no room"
        }
    }
}
