import Foundation

/// Where text goes.
enum Terminal {
    /// Whether somebody watches standard error.
    static let isWatched = isatty(2) == 1

    /// Results.
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// A result's line.
    static func say(_ line: String) { write(line + "\n") }

    /// What went wrong, and what is under way.
    static func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// One line that is written over by the next, only where somebody watches.
    static func progress(_ line: String) {
        guard isWatched else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    /// Ends the line of progress.
    static func endProgress() { progress("") }
}
