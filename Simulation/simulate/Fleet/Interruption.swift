import Foundation
import Synchronization

/// Ctrl-C: noted by a signal's handler, looked at between two things.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    /// Whether it was pressed.
    static var hasCome: Bool { flag.load(ordering: .relaxed) }

    /// From here on it is noted, and ends the process when it is pressed once more.
    static func watch() {
        signal(SIGINT) { _ in
            Interruption.come()
            signal(SIGINT, SIG_DFL)
        }
    }

    private static func come() { flag.store(true, ordering: .relaxed) }

    /// From here on it ends the process at once.
    static func unwatch() { signal(SIGINT, SIG_DFL) }
}
