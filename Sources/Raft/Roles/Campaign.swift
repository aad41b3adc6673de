import LeaseholdBase

/// A question put to all voters in one term: would you elect me, or do.
///
/// The term is part of it, so that no answer of another term is ever counted (trap 7).
struct Campaign: Hashable, Sendable {
    struct Ballot: Hashable, Sendable {
        var voter: NodeID
        var granted: Bool
    }

    /// The term the campaign is for.
    let term: Term
    /// Whether a leader handed over to this candidate: its votes are not refused for that leader's sake.
    let transfer: Bool
    /// Whether the votes have been asked for; a candidate asks once its own vote is durable.
    var isOpen = false
    private(set) var ballots: [Ballot] = []

    init(term: Term, transfer: Bool = false) {
        self.term = term
        self.transfer = transfer
    }

    /// Notes a voter's answer. A grant stays: a refusal that a slow network delivers after it changes nothing.
    mutating func record(_ voter: NodeID, granted: Bool) {
        guard let position = ballots.firstIndex(where: { $0.voter == voter }) else {
            ballots.append(Ballot(voter: voter, granted: granted))
            return
        }
        ballots[position].granted = ballots[position].granted || granted
    }

    /// How it stands.
    func tally(_ membership: Membership) -> Quorum.Tally {
        Quorum.tally(membership) { voter in ballots.first { $0.voter == voter }?.granted }
    }
}
