import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

/// A node that follows one of which the test says what it sends.
struct Follower {
    var node: LoneNode
    /// The same cluster further on, which the leader's entries and snapshot are taken from.
    var ahead: LoneNode
    let snapshot: SnapshotReference
    let bytes: [UInt8]
    let leader = NodeIdentity(node: NodeID(2), incarnation: Incarnation(77))
    let connection = ConnectionID(slot: 7, generation: 1)
    let term: Term
    var round: UInt64 = 0

    init() throws {
        node = try LoneNode()
        let member = Member(
            id: leader.node, peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4",
            incarnation: leader.incarnation)
        var body: [UInt8] = []
        MemberRequest(.addLearner(member)).encode(into: &body)
        #expect(try node.ask(.changeMembers, body)?.head.kind == .members)
        ahead = node
        for number in 1...40 as ClosedRange<UInt64> {
            _ = try ahead.acquire("jobs/\(number)", ttl: .seconds(600), sequence: number)
        }
        snapshot = try ahead.beginSaving(atLeast: ahead.replica.appliedIndex)
        bytes = try ahead.bytes(of: snapshot)
        term = node.replica.raft.term.next
        node.isGreeted(by: leader, over: connection)
        node.turn()
        lead()
    }

    private var identity: NodeIdentity {
        NodeIdentity(node: NodeID(1), incarnation: node.replica.journal.identity.incarnation)
    }
    private var envelope: PeerEnvelope { PeerEnvelope(sender: leader, receiver: identity) }

    private mutating func give(endsTurn: Bool = true, _ encode: (inout [UInt8]) -> Void) {
        var frame: [UInt8] = []
        encode(&frame)
        _ = node.replica.received(connection, frame.span.bytes, now: node.now)
        if endsTurn { node.turn() }
    }

    /// The leader shows that it is there, or sends so many of the entries that the log lacks, all of them committed.
    mutating func lead(feeding most: Int = 0, endsTurn: Bool = true) {
        round += 1
        let raft = node.replica.raft
        let (last, ahead) = (raft.lastIndex, ahead.replica.raft)
        let count = min(most, Int(ahead.lastIndex.rawValue - last.rawValue))
        let message = RaftMessage(
            term: term,
            body: .append(
                previousIndex: last, previousTerm: raft.log.term(at: last) ?? .zero,
                commit: count > 0 ? last + UInt64(count) : raft.commitIndex, round: round, entryCount: count))
        give(endsTurn: endsTurn) { [envelope = envelope] in
            let start = RaftMessageCodec.begin(message, envelope, in: &$0)
            for offset in 0..<count {
                guard let header = ahead.header(at: last + UInt64(offset + 1)) else { continue }
                EntryCodec.encode(header, payload: ahead.log.payload(at: header.index), into: &$0)
            }
            FrameWriter.finish(at: start, in: &$0)
        }
    }

    /// The leader sends a membership, committed or not.
    mutating func send(_ membership: Membership, isCommitted: Bool) {
        send(.membership, membership.encoded(), isCommitted: isCommitted)
    }

    /// The leader sends an entry, committed or not.
    mutating func send(_ kind: EntryKind, _ payload: [UInt8] = [], isCommitted: Bool) {
        round += 1
        let raft = node.replica.raft
        let last = raft.lastIndex
        let header = EntryHeader(
            index: last.next, term: term, logTime: raft.header(at: last)?.logTime ?? .zero, wallTime: node.now.wall,
            kind: kind, payloadCount: payload.count)
        let message = RaftMessage(
            term: term,
            body: .append(
                previousIndex: last, previousTerm: raft.log.term(at: last) ?? .zero,
                commit: isCommitted ? last.next : raft.commitIndex, round: round, entryCount: 1))
        give { [envelope = envelope] in
            let start = RaftMessageCodec.begin(message, envelope, in: &$0)
            EntryCodec.encode(header, payload: payload.span.bytes, into: &$0)
            FrameWriter.finish(at: start, in: &$0)
        }
    }

    /// Sends the snapshot from there to its end, and waits until it is installed.
    mutating func sendAll(from start: Int = 0) {
        var at = start
        while at < bytes.count {
            let end = min(at + 500, bytes.count)
            send(at..<end)
            at = end
            wait(1, leading: true)
        }
    }

    /// The node as a start makes it of what its disk has.
    func reopened() throws -> Replica {
        var disk = node.disk
        disk.processEnded()
        return try Replica.open(node.replica.configuration, disk: &disk, seed: 5, now: node.now)
    }

    /// Sends a piece of the snapshot.
    mutating func send(_ range: Range<Int>) {
        give { [bytes, snapshot, term, envelope = envelope] in
            SnapshotMessageCodec.encodeFrame(
                piece: bytes.span.bytes.extracting(range), at: range.lowerBound, of: snapshot, term: term, envelope,
                into: &$0)
        }
    }

    /// Time passes, in which the leader shows that it is there, if it does.
    mutating func wait(_ seconds: Int, leading: Bool) {
        for _ in 0..<seconds * 5 {
            node.time += 200_000_000
            if leading { lead() } else { node.turn() }
        }
    }

    /// Whether the node takes a snapshot when it is asked for one.
    mutating func takesSnapshots() throws -> Bool {
        try node.beginSaving(atLeast: node.replica.appliedIndex).index >= node.replica.appliedIndex
    }
}
