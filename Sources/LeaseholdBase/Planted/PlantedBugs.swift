#if PLANTED_BUGS
/// Which mistake this process makes on purpose. Only one build has this: it is how the simulator proves that its checks
/// see what they are for.
///
/// The one global of the pure targets, and the reason why this folder is exempt from that rule: set once, before
/// anything is simulated, and never in a build that anybody runs.
public enum PlantedBugs {
    /// The mistake, none unless it was chosen.
    nonisolated(unsafe) public static var active: PlantedBug?

    /// Chooses the mistake of this process.
    public static func activate(_ bug: PlantedBug?) { unsafe active = bug }
}

/// Whether this process is to make the mistake.
@inlinable public func planted(_ bug: PlantedBug) -> Bool { unsafe PlantedBugs.active == bug }
#endif
