import LeaseholdBase

/// The next segment while it is prepared: made, zero-filled and synced in steps, so that the disk is never taken for long.
enum Spare: Hashable, Sendable {
    /// There is none.
    case none
    /// The last attempt to make it failed at that time; there is another after a while.
    case failed(at: SteadyTime)
    /// It is filled and synced up to a place; it will be as large as the target.
    case preparing(FileID, filled: Int, target: Int)
    /// It is there.
    case ready(FileID, size: Int)
}
