internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem
internal import LeaseholdWire
internal import Raft

extension Command {
    /// Shows who belongs to the cluster.
    static let memberList = Command(
        name: "member list",
        flags: Flag.client,
        summary: "Show who belongs to the cluster, whose votes count, and where each is reached.",
        details: "As the leader has it now, a change that is under way included.",
        setting: "while leasehold dev runs",
        example: "leasehold member list"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        var session = try ClientSession(invocation.arguments)
        let answer = try session.ask { (core, now) throws(SubmissionError) in try core.members(now: now) }
        try MemberReport.write(try Admission.list(answer), to: invocation.output)
        return 0
    }

    /// Takes a node in.
    static let memberAdd = Command(
        name: "member add",
        parameters: [.required("ADDRESS")],
        flags: Flag.client,
        summary: "Take the node whose clients connect at ADDRESS into the cluster, as a learner that does not vote.",
        details: """
            The node runs with an empty directory and an id that no member ever had, started with leasehold serve --join,
            which asks for this by itself. It gets the log from then on; leasehold member promote gives it a vote. Of a
            member that was started at other addresses than before, the cluster is told the new ones.
            """,
        setting: "while leasehold dev runs, and a node 4 that was started with --join",
        example: "leasehold member add 127.0.0.1:7404"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        guard let address = Endpoint(invocation.arguments.words[0]) else {
            throw CommandFailure(.usage, "'\(invocation.arguments.words[0])' is no address; give host:port")
        }
        var session = try ClientSession(invocation.arguments)
        let timeout = try invocation.arguments.timeout()
        session.shownBy = "leasehold member list"
        let list = try Admission.admit(nodeAt: address, by: &session, within: timeout)
        try MemberReport.write(list, done: "the node at \(address) is a member", to: invocation.output)
        return 0
    }

    /// Gives a learner a vote.
    static let memberPromote = Command(
        name: "member promote",
        parameters: [.required("NODE")],
        flags: Flag.client + [Flag.force],
        summary: "Give a learner a vote, as soon as it keeps up with the log.",
        setting: "while leasehold dev runs, and node 4 is a learner",
        example: "leasehold member promote 4"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        try change(.promote(try nodeID(invocation.arguments.words[0])), invocation)
    }

    /// Takes a node out.
    static let memberRemove = Command(
        name: "member remove",
        parameters: [.required("NODE")],
        flags: Flag.client + [Flag.force],
        summary: "Take a node out of the cluster: a learner, a voter, the leader itself.",
        details: """
            It goes quietly, and may be stopped then; its id is not used again. Refused when the voters that are left and
            answer would be no quorum, unless --force is given: the cluster then stands still until they are back.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold member remove 3"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        try change(.remove(try nodeID(invocation.arguments.words[0])), invocation)
    }

    /// Puts a learner in the place of a voter.
    static let memberReplace = Command(
        name: "member replace",
        parameters: [.required("NODE"), .required("WITH")],
        flags: Flag.client + [Flag.force],
        summary: "Let a learner take the place of a voter in one step: as many vote as before, throughout.",
        details: "The node that goes may be down; the learner has to keep up with the log.",
        setting: "while leasehold dev runs, and node 4 is a learner",
        example: "leasehold member replace 3 4"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let words = invocation.arguments.words
        let (node, other) = (try nodeID(words[0]), try nodeID(words[1]))
        guard node != other else {
            throw CommandFailure(
                .usage, "node \(node) cannot take its own place: name the voter that goes, and the learner")
        }
        return try change(.replace(node, with: other), invocation)
    }

    private static func change(_ change: MembershipChange, _ invocation: Invocation) throws(CommandFailure) -> Int32 {
        var session = try ClientSession(invocation.arguments)
        session.shownBy = "leasehold member list"
        let request = MemberRequest(change, isForced: invocation.arguments.has("force"))
        let answer = try session.ask { (core, now) throws(SubmissionError) in try core.changeMembers(request, now: now)
        }
        try MemberReport.write(try Admission.list(answer), done: "the membership is changed", to: invocation.output)
        return 0
    }
}

extension Flag {
    /// What is refused for its danger is done all the same.
    static let force = Flag.present("force", "do it though the voters that answer are no quorum after it")
}

/// Who belongs to the cluster, for people and scripts.
enum MemberReport {
    /// Writes it in the form that was asked for.
    static func write(_ list: MemberList, done: String = "", to output: Output) throws(CommandFailure) {
        try output.write(json(list), done: done) { table(list) }
    }

    /// `{members: [{id, voter, peer_address, client_address, incarnation}]}`.
    static func json(_ list: MemberList) -> JSON {
        let members = list.members.map { item in
            JSON.object([
                ("id", .count(item.member.id.rawValue)), ("voter", .bool(item.votes)),
                ("peer_address", .string(item.member.peerAddress)),
                ("client_address", .string(item.member.clientAddress)),
                ("incarnation", .string(hexadecimal(item.member.incarnation.rawValue))),
            ])
        }
        return .object([("members", .array(members))])
    }

    private static func table(_ list: MemberList) -> String {
        var table = Table([.numbers("id"), .words("votes"), .words("peer"), .words("client"), .words("incarnation")])
        for item in list.members {
            table.append([
                "\(item.member.id)", item.votes ? "yes" : "no", item.member.peerAddress, item.member.clientAddress,
                hexadecimal(item.member.incarnation.rawValue),
            ])
        }
        return table.text
    }
}
