internal import LeaseMachine
internal import LeaseholdBase
package import LeaseholdJournal
internal import Raft

/// The forms of what stands in a journal.
package enum JournalItem {
    /// A segment's own members; its batches follow.
    static func segment(_ name: String, _ header: SegmentHeader, size: Int) -> [(key: String, value: JSON)] {
        [
            ("kind", .string("segment")), ("file", .string(name)), ("bytes", .count(size)),
            ("first_index", .count(header.firstIndex.rawValue)), ("first_batch", .count(header.firstBatch)),
            ("term", .count(header.term.rawValue)),
            ("voted_for", .optional(header.votedFor.map { .count($0.rawValue) })),
        ]
    }

    /// A batch's own members; its records follow.
    static func batch(_ header: BatchHeader, offset: Int) -> [(key: String, value: JSON)] {
        [
            ("kind", .string("batch")), ("number", .count(header.number)), ("offset", .count(offset)),
            ("bytes", .count(header.payloadCount)), ("last", .count(header.lastIndex.rawValue)),
            ("last_term", .count(header.lastTerm.rawValue)), ("commit", .count(header.commit.rawValue)),
            ("seal", .bool(header.flags.contains(.seal))), ("clean_stop", .bool(header.flags.contains(.cleanStop))),
        ]
    }

    /// A record, with an entry's payload.
    package static func record(_ record: JournalRecord, payload: [UInt8]) -> JSON {
        switch record {
        case .hardState(let term, let votedFor):
            .object([
                ("kind", .string("hard_state")), ("term", .count(term.rawValue)),
                ("voted_for", .optional(votedFor.map { .count($0.rawValue) })),
            ])
        case .truncation(let index):
            .object([("kind", .string("truncation")), ("after", .count(index.rawValue))])
        case .entry(let header, _):
            .object([
                ("kind", .string("entry")), ("index", .count(header.index.rawValue)),
                ("term", .count(header.term.rawValue)), ("log_time_ns", .count(header.logTime.rawValue)),
                ("wall_time_ns", .count(header.wallTime.rawValue)), ("type", .string(name(header.kind))),
                ("content", .string(content(header.kind, payload))),
            ])
        case .snapshot(let mark):
            .object([
                ("kind", .string("snapshot")), ("index", .count(mark.id.lastIndex.rawValue)),
                ("term", .count(mark.id.lastTerm.rawValue)), ("bytes", .count(mark.id.byteCount)),
                ("restarts_log", .bool(mark.restartsLog)),
            ])
        case .skipped(let kind, let length):
            .object([("kind", .string("unknown")), ("number", .count(kind)), ("bytes", .count(length))])
        }
    }

    /// A record in words.
    package static func words(_ record: JournalRecord, payload: [UInt8]) -> String {
        switch record {
        case .hardState(let term, let votedFor):
            "term \(term), vote " + (votedFor.map { "for \($0)" } ?? "not given")
        case .truncation(let index): "entries behind \(index) are void"
        case .entry(let header, _):
            "entry \(header.index) term \(header.term) at \(header.logTime.rawValue / 1_000_000)ms "
                + content(header.kind, payload)
        case .snapshot(let mark):
            "snapshot \(mark.id) counts" + (mark.restartsLog ? "; the log begins anew behind it" : "")
        case .skipped(let kind, let length): "record of kind \(kind), \(length) bytes, skipped"
        }
    }

    private static func name(_ kind: EntryKind) -> String {
        switch kind {
        case .empty: "empty"
        case .command: "command"
        case .membership: "membership"
        }
    }

    private static func content(_ kind: EntryKind, _ payload: [UInt8]) -> String {
        do throws(DecodingError) {
            switch kind {
            case .empty: return "empty"
            case .command: return words(try unsafe LeaseMachine::Command(decoding: payload.span.bytes))
            case .membership: return words(try unsafe Membership(payload: payload.span.bytes))
            }
        } catch { return "\(payload.count) bytes that this build cannot read" }
    }

    private static func words(_ membership: Membership) -> String {
        let members = membership.members.map { member in
            "\(member.id)=\(member.peerAddress)/\(member.clientAddress) incarnation "
                + hexadecimal(member.incarnation.rawValue)
        }
        func list(_ nodes: [NodeID]) -> String { nodes.map(\.description).joined(separator: ", ") }
        var roles = "voters \(list(membership.voters))"
        if membership.isJoint {
            roles =
                "joint, voters of the new \(list(membership.voters)) and of the old "
                + list(membership.outgoing)
        }
        if !membership.learners.isEmpty { roles += "; learners \(list(membership.learners))" }
        return "membership of cluster \(membership.clusterID): \(roles); " + members.joined(separator: ", ")
    }

    private static func words(_ command: LeaseMachine::Command) -> String {
        switch command {
        case .acquire(let head, let acquire):
            "acquire \(acquire.name) for \(acquire.holder) ttl \(readable(acquire.ttl)) value \(acquire.value.count) bytes"
                + " request \(head.request)"
        case .renew(let items): "renew " + items.map { "\($0.name) claim \($0.claim)" }.joined(separator: ", ")
        case .release(let head, let claim): "release \(claim.name) claim \(claim.claim) request \(head.request)"
        case .cancel(let head, let cancel): "cancel \(cancel.name) of \(cancel.target) request \(head.request)"
        case .update(let head, let update):
            "update \(update.claim.name) claim \(update.claim.claim) value \(update.value.count) bytes"
                + " request \(head.request)"
        case .settings(let head, let changes):
            "settings " + changes.map { "\($0.key)=\($0.value)" }.joined(separator: " ") + " request \(head.request)"
        }
    }
}
