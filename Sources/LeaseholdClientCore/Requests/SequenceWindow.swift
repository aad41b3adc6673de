import LeaseholdBase

/// Gives requests their numbers, and knows the lowest one that is still unanswered.
///
/// The cluster remembers the outcome of every request at or above that mark, and refuses commands below it; so the mark
/// passes a request only when no try of it will be sent again (trap 24). The window is bounded: what is remembered on
/// the client's behalf is too.
struct SequenceWindow {
    private var settled: [Bool]
    private(set) var lowestUnanswered = RequestSequence(1)
    private var next = RequestSequence(1)

    /// A window over at most so many numbers.
    init(limit: Int) { settled = [Bool](repeating: false, count: Swift.max(1, limit)) }

    /// Whether another number can be given.
    var hasRoom: Bool { next - lowestUnanswered < UInt64(settled.count) }

    /// The next number, or nil while the window is full.
    mutating func take() -> RequestSequence? {
        guard hasRoom else { return nil }
        let sequence = next
        next = next.next
        return sequence
    }

    /// No try of the request will be sent again.
    mutating func settle(_ sequence: RequestSequence) {
        guard sequence >= lowestUnanswered, sequence < next else { return }
        settled[place(sequence)] = true
        while lowestUnanswered < next, settled[place(lowestUnanswered)] {
            settled[place(lowestUnanswered)] = false
            lowestUnanswered = lowestUnanswered.next
        }
    }

    private func place(_ sequence: RequestSequence) -> Int { Int(sequence.rawValue % UInt64(settled.count)) }
}
