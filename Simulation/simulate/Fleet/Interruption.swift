import Synchronization

/// Ctrl-C: noted by a signal's handler, looked at between two things.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    /// Whether it was pressed.
    static var hasCome: Bool { flag.load(ordering: .relaxed) }

    /// It was pressed.
    static func come() { flag.store(true, ordering: .relaxed) }
}
