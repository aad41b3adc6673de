internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdWire

extension Command {
    /// Lets another node lead.
    static let transferLeader = Command(
        name: "transfer-leader",
        parameters: [.optional("NODE")],
        flags: Flag.client,
        summary: "Let another node lead: the one named, or whichever holds most of the log.",
        details: """
            No lease is lost by it: clients go on at the new leader. It ends when the other node leads, or when the old
            one goes on because the other did not take over within an election timeout (hand_over_failed, exit 76: the
            other may take over yet).
            """,
        setting: "while leasehold dev runs",
        example: "leasehold transfer-leader"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let target = try invocation.arguments.words.first.map(nodeID)
        var session = try ClientSession(invocation.arguments)
        session.shownBy = "leasehold status"
        let answer = try session.ask { (core, now) throws(SubmissionError) in
            try core.transferLeadership(to: target, now: now)
        }
        guard case .transferred(let hint) = answer, let node = hint.node else {
            throw ClientSession.unexpected(answer)
        }
        let result = JSON.object([
            ("leader", .count(node.rawValue)), ("client_address", .string(hint.clientAddress)),
            ("term", .count(hint.term.rawValue)),
        ])
        try invocation.output.write(result, done: "node \(node) leads") {
            describe([("leader", "\(node)"), ("client address", hint.clientAddress), ("term", "\(hint.term)")])
        }
        return 0
    }
}

/// A node's id as it stands on the command line.
func nodeID(_ text: String) throws(CommandFailure) -> NodeID {
    guard let number = UInt64(text), number > 0 else {
        throw CommandFailure(.usage, "a node is named by its id, a whole number from 1, not '\(text)'")
    }
    return NodeID(number)
}
