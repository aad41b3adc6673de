import Foundation
import Synchronization

/// Where text goes.
enum Terminal {
    /// Whether somebody watches standard error.
    static let isWatched = isatty(2) == 1

    /// Why standard output could not be written: an error number, 0 while it could.
    private static let failure = Atomic<Int32>(0)

    /// Results. Behind the first that cannot be written nothing more is.
    static func write(_ text: String) {
        guard failure.load(ordering: .relaxed) == 0, let reason = put(text, on: 1) else { return }
        failure.store(reason, ordering: .relaxed)
    }

    /// What a command exits with, given what it was to exit with: not with success when its results are lost. Whoever reads
    /// and goes away early has what it wants.
    static func exitStatus(_ status: Int32) -> Int32 {
        let reason = failure.load(ordering: .relaxed)
        guard reason != 0, reason != EPIPE else { return status }
        complain("simulate: cannot write to standard output: \(String(cString: strerror(reason)))")
        return status == 0 ? Outcome.usageExitCode : status
    }

    /// Writes all of a text; an error number when that cannot be done.
    static func put(_ text: String, on descriptor: Int32) -> Int32? {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return errno }
                rest.removeFirst(count)
            }
            return nil
        }
    }

    /// A result's line.
    static func say(_ line: String) { write(line + "\n") }

    /// What went wrong, and what is under way.
    static func complain(_ line: String) { _ = put(line + "\n", on: 2) }

    /// One line that is written over by the next, only where somebody watches.
    static func progress(_ line: String) {
        guard isWatched else { return }
        _ = put("\r\u{1B}[K\(line)", on: 2)
    }

    /// Ends the line of progress.
    static func endProgress() { progress("") }
}
