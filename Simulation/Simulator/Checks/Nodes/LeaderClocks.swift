import LeaseMachine
import LeaseholdBase
import LeaseholdReplica
import Raft

/// How a leader's log clock stands after a turn.
struct LeaderClock: Hashable {
    var life = 0
    var term = Term.zero
    var logTime = LogTime.zero
    /// The log time of the leader's last entry.
    var lastEntry = LogTime.zero
    /// Whether a deadline is pending, everything is committed, and nothing bars the leader from appending.
    var owesPulses = false
    /// How much log time may pass without an entry while it does.
    var pulse = Nanoseconds.zero

    init() {}

    /// A leader's, nil of any other node.
    init?(of replica: borrowing Replica, life: Int) {
        guard let logTime = replica.raft.logClock else { return nil }
        self.life = life
        self.logTime = logTime
        term = replica.raft.term
        lastEntry = replica.raft.log.lastLogTime
        owesPulses =
            replica.machine.hasPending && replica.raft.commitIndex == replica.raft.lastIndex
            && !replica.raft.isTransferring
        pulse = replica.machine.settings.pulse
    }
}

/// What leaders do with their log clocks, turn by turn.
///
/// A leader that did not run charges nobody for it: from one turn to the next its clock advances by two heartbeats at most
/// (property 12; trap 46). And it leaves no more than a pulse of log time without an entry while anything is pending: a
/// change of leader forgets what stands in no entry, so that claims would outlive their time with each one (property 16;
/// trap 47).
struct LeaderClocks {
    private var before: [LeaderClock?]
    /// From when of each leader's log time on it owes pulses.
    private var owedFrom: [LogTime]
    /// The longest step of a log clock: two heartbeats.
    private let step: Nanoseconds

    init(nodes: Int, heartbeat: Nanoseconds) {
        before = [LeaderClock?](repeating: nil, count: nodes)
        owedFrom = [LogTime](repeating: .zero, count: nodes)
        step = heartbeat * 2
    }

    /// A node has taken a turn, for which its clock was read once.
    mutating func look(_ clock: LeaderClock?, of place: Int, _ label: String, _ findings: inout Findings) {
        defer { before[place] = clock }
        guard let clock else {
            owedFrom[place] = .zero
            return
        }
        // A pulse that found the log full, or a hand-over, is tried again a heartbeat later; one that is due at once since
        // a commit or a shorter setting of this turn comes with the next.
        let isNews = clock.pulse < before[place]?.pulse ?? .zero
        if !clock.owesPulses || isNews { owedFrom[place] = clock.logTime + step }
        let silence = clock.logTime - clock.lastEntry
        if clock.owesPulses, clock.logTime >= owedFrom[place], silence > clock.pulse + step {
            findings.add(
                16, by: label, "lets \(silence) of log time pass without an entry",
                "a deadline is pending and nothing is under way: a pulse is due after \(clock.pulse)")
        }
        guard let then = before[place], then.life == clock.life, then.term == clock.term else { return }
        let passed = clock.logTime - then.logTime
        guard passed > step else { return }
        findings.add(
            12, by: label, "lets \(passed) of log time pass in one turn",
            "a log clock advances by \(step) at a time, however long the leader did not run")
    }
}
