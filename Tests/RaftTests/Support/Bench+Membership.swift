import LeaseholdBase
import Testing

@testable import Raft

extension Bench {
    /// Wishes a change, and ends the turn.
    mutating func change(
        _ change: MembershipChange, isForced: Bool = false, heardSince: SteadyTime = .zero
    ) -> MembershipResult {
        let result = raft.proposeChange(change, isForced: isForced, heardSince: heardSince, now: now)
        #expect(raft.violations() == [])
        endTurn()
        return result
    }

    /// The disk completes everything, and these peers of the leader hold all that it has; until nothing more comes.
    mutating func settle(with peers: [UInt64]) {
        var last = LogIndex.zero
        repeat {
            last = raft.lastIndex
            persistAll()
            for peer in peers where raft.isLeader {
                accept(
                    raft.lastIndex.rawValue, round: raft.role.leadership?.round ?? 0, term: raft.term.rawValue,
                    from: peer)
            }
        } while raft.lastIndex != last
    }

    /// Node 1 as a leader that has committed an entry of its own, with these peers heard.
    static func leader(
        _ membership: Membership, heard: [UInt64],
        configure: (inout RaftConfiguration) -> Void = { _ in }
    ) throws -> Bench {
        var bench = Bench(1, try recovery(membership), configure: configure)
        bench.elect(by: heard.filter { membership.isVoter(NodeID($0)) })
        bench.settle(with: heard)
        #expect(bench.raft.hasCommittedInTerm)
        bench.clear()
        return bench
    }

    /// The effective membership.
    var membership: Membership { raft.membership }

    /// One entry goes from this leader to another node, which makes it durable and says so.
    mutating func carry(_ index: UInt64, to other: inout Bench, from id: UInt64) {
        guard let header = raft.header(at: LogIndex(index)) else {
            Issue.record("no entry \(index)")
            return
        }
        var batch = EntryBatch()
        batch.append(header, payload: raft.payload(at: header.index))
        let (previous, round) = (LogIndex(index - 1), raft.role.leadership?.round ?? 0)
        other.receive(
            .append(
                previousIndex: previous, previousTerm: raft.log.term(at: previous) ?? .zero, commit: raft.commitIndex,
                round: round, entryCount: 1), term: raft.term.rawValue, from: id, entries: batch)
        other.persistAll()
        persistAll()
        accept(index, round: round, term: raft.term.rawValue, from: other.raft.id.rawValue)
    }
}

func newMember(_ id: UInt64) -> Member { members([id])[0] }
