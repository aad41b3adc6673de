package import LeaseMachine
package import LeaseholdBase
package import LeaseholdWire

/// A lease as it was read, in the forms that `get` and `list` write.
package struct LeaseReport: Hashable, Sendable {
    /// The lease.
    package let lease: LeaseView
    /// The entry at which it is true.
    package let index: LogIndex
    /// How long the node had heard nothing of a leader; nil for a linearizable read.
    package let age: Nanoseconds?

    /// A lease with what was told of the read.
    package init(_ lease: LeaseView, _ preface: ReadPreface, stale: Bool) {
        self.lease = lease
        index = preface.index
        age = stale ? preface.silence : nil
    }

    /// The form for scripts.
    package var json: JSON {
        var members: [(key: String, value: JSON)] = [
            ("name", .string(lease.name)), ("capacity", .count(lease.capacity)),
            ("holders", .array(lease.holders.map(Self.json))), ("waiters", .count(lease.waiters)),
            ("index", .count(index.rawValue)),
        ]
        if let age { members.append(("age_ms", .count(age.milliseconds))) }
        return .object(members)
    }

    private static func json(_ holder: LeaseView.Holder) -> JSON {
        let text = text(holder.value)
        var members: [(key: String, value: JSON)] = [
            ("claim", .digits(holder.claim.rawValue)), ("token", .digits(holder.token.rawValue)),
            ("holder", .string(holder.holder)),
            ("value", holder.value.isEmpty ? .null : .optional(text.map(JSON.string))),
            ("remaining_ms", .count(max(0, holder.remaining.milliseconds))),
        ]
        if text == nil { members.append(("value_base64", .string(base64(holder.value)))) }
        return .object(members)
    }

    private static func text(_ value: [UInt8]) -> String? { String(validating: value, as: UTF8.self) }

    /// The form of one lease for people.
    package var table: String {
        var members = [
            ("name", lease.name), ("held", lease.holders.isEmpty ? "no" : "yes"), ("index", "\(index)"),
        ]
        if let age { members.append(("age", approximate(age))) }
        guard !lease.holders.isEmpty else { return describe(members) }
        var table = Table(Self.columns)
        for row in rows { table.append(Array(row.dropFirst())) }
        return describe(members) + "\n" + table.text
    }

    private static let columns: [Table.Column] = [
        .words("holder"), .numbers("token"), .numbers("claim"), .numbers("remaining"), .words("value"),
    ]

    /// The columns of a list for people.
    package static let listColumns: [Table.Column] = [.words("name")] + columns

    /// The lease's lines in a list for people, one a holder.
    package var rows: [[String]] {
        lease.holders.map { holder in
            [
                lease.name, holder.holder, "\(holder.token)", "\(holder.claim)",
                approximate(holder.remaining),
                Self.text(holder.value) ?? "base64:" + base64(holder.value),
            ]
        }
    }
}
