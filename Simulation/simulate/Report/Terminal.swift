import Foundation

/// Where text goes.
enum Terminal {
    /// Whether somebody watches standard error.
    static let isWatched = isatty(2) == 1

    /// Results.
    static func write(_ text: String) { put(text, on: 1) }

    /// Writes what can be written: whoever reads may have gone away.
    private static func put(_ text: String, on descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }

    /// A result's line.
    static func say(_ line: String) { write(line + "\n") }

    /// What went wrong, and what is under way.
    static func complain(_ line: String) { put(line + "\n", on: 2) }

    /// One line that is written over by the next, only where somebody watches.
    static func progress(_ line: String) {
        guard isWatched else { return }
        put("\r\u{1B}[K\(line)", on: 2)
    }

    /// Ends the line of progress.
    static func endProgress() { progress("") }
}
