import LeaseholdBase

/// What a read that is not stale has to show, as far as it can be told at once (property 18); the rest is judged by the
/// log when the run is over.
enum ReadRule {
    /// It saw what was committed when it was asked.
    static func judge(
        _ name: String, readAt index: LogIndex, committedWhenAsked committed: LogIndex, by label: String,
        _ findings: inout Findings
    ) {
        guard index < committed else { return }
        findings.add(
            18, by: label, "read \(name) as of \(index)", "\(committed) was committed when it asked")
    }

    /// It showed the tenure that somebody believed in all the time.
    static func judge(
        _ name: String, holders: [FencingToken], believed: FencingToken?, by label: String,
        _ findings: inout Findings
    ) {
        guard let believed, !holders.contains(believed) else { return }
        findings.add(18, by: label, "read \(name) as held by \(holders)", "\(believed) was believed in all the time")
    }
}
