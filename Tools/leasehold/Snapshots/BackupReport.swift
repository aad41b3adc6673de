internal import LeaseMachine
package import LeaseholdBase
package import LeaseholdJournal
package import LeaseholdReplica
internal import Raft

/// What a backup's file holds.
package struct BackupReport {
    private let path: String
    private let id: SnapshotID
    private let backup: Backup

    /// Of a file that was read, or written.
    package init(_ path: String, _ id: SnapshotID, _ backup: Backup) {
        self.path = path
        self.id = id
        self.backup = backup
    }

    /// The form for scripts.
    package var members: [(key: String, value: JSON)] {
        let (header, machine) = (backup.header, backup.machine)
        let membership = backup.membership
        let list = membership.members.map { member in
            JSON.object([
                ("id", .count(member.id.rawValue)), ("voter", .bool(membership.isVoter(member.id))),
                ("peer_address", .string(member.peerAddress)), ("client_address", .string(member.clientAddress)),
                ("incarnation", .string(hexadecimal(member.incarnation.rawValue))),
            ])
        }
        return [
            ("file", .string(path)), ("bytes", .count(id.byteCount)), ("checksum", .string(checksum)),
            ("cluster", .string(header.cluster.description)), ("last", .count(header.lastIndex.rawValue)),
            ("last_term", .count(header.lastTerm.rawValue)),
            ("log_time_ms", .count(header.logTime.rawValue / 1_000_000)),
            ("wall_time_ms", .count(header.wallTime.rawValue / 1_000_000)),
            ("quarantine_ms", .count(backup.quarantineLeft.milliseconds)), ("leases", .count(machine.leaseCount)),
            ("claims", .count(machine.claimCount)), ("clients", .count(machine.instanceCount)),
            ("digest", .string(machine.digest.description)), ("joint", .bool(membership.isJoint)),
            ("members", .array(list)),
        ]
    }

    /// The form for people.
    package var table: String {
        var words: [(key: String, value: String)] = [
            ("file", path), ("bytes", "\(id.byteCount)"), ("checksum", checksum),
            ("cluster", backup.header.cluster.description),
            ("last entry", "\(backup.header.lastIndex) of term \(backup.header.lastTerm)"),
            ("as of", calendar(backup.header.wallTime)),
            ("leases", "\(backup.machine.leaseCount)"), ("claims", "\(backup.machine.claimCount)"),
            ("clients", "\(backup.machine.instanceCount)"), ("digest", backup.machine.digest.description),
        ]
        if backup.quarantineLeft > .zero {
            words.append(("quarantine", "nothing is granted for another \(inWords(backup.quarantineLeft))"))
        }
        var members = Table([.numbers("id"), .words("votes"), .words("peer"), .words("client"), .words("incarnation")])
        for member in backup.membership.members {
            members.append([
                "\(member.id)", backup.membership.isVoter(member.id) ? "yes" : "no", member.peerAddress,
                member.clientAddress, hexadecimal(member.incarnation.rawValue),
            ])
        }
        return describe(words) + "\n" + members.text
    }

    private var checksum: String { String(hexadecimal(UInt64(id.checksum)).suffix(8)) }
}

/// A length of time for people, in hours where it is long.
func inWords(_ time: Nanoseconds) -> String {
    let minutes = time.milliseconds / 60_000
    return minutes < 120 ? approximate(time) : "\(minutes / 60)h\(minutes % 60 == 0 ? "" : "\(minutes % 60)m")"
}

/// A wall clock's reading for people, in universal time.
package func calendar(_ time: WallTime) -> String {
    let seconds = time.rawValue / 1_000_000_000
    let (day, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    // Days are counted from the first of March of year 0, so that a leap day is the last of its year.
    let shifted = day + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let march = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * march + 2) / 5 + 1
    let month = march < 10 ? march + 3 : march - 9
    let civil = era * 400 + year + (month <= 2 ? 1 : 0)
    func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(civil)-\(two(month))-\(two(dayOfMonth)) "
        + "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60)) UTC"
}
