import Foundation

/// The running hashes of a run, eight bytes each, for the comparison of two.
enum HashFile {
    static func write(_ hashes: [UInt64], to path: String) {
        let data = hashes.withUnsafeBytes { Data($0) }
        _ = FileManager.default.createFile(atPath: path, contents: data)
    }

    static func read(_ path: String) -> [UInt64]? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        var hashes = [UInt64](repeating: 0, count: data.count / 8)
        _ = hashes.withUnsafeMutableBytes { data.copyBytes(to: $0) }
        return hashes
    }
}
