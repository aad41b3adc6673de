import LeaseholdBase
package import LeaseholdJournal

/// What tests look at and change behind everybody's back.
extension SimulatedDisk {
    /// The names of all files and directories, in order.
    package var fileNames: [String] { names.all }

    /// What whoever reads a file sees; empty when there is none.
    package func contents(_ name: String) -> [UInt8] { (try? inode(name)).map { inodes[$0].cached } ?? [] }

    /// Which file has a name: no two have the same number.
    package func fileNumber(_ name: String) -> UInt64? { (try? inode(name)).map { inodes[$0].serial } }

    /// The number that the next file gets.
    package var nextFileNumber: UInt64 { nextSerial }

    /// Changes a file durably, as it is seen.
    package mutating func rot(_ name: String, _ body: (inout [UInt8]) -> Void) {
        guard let inode = try? inode(name) else { return }
        body(&inodes[inode].cached)
        inodes[inode].durable = inodes[inode].cached
        inodes[inode].pending = []
    }

    /// What was written to a file and not synced passes for clean.
    package mutating func forgetPending(_ name: String) {
        if let inode = try? inode(name) { inodes[inode].pending = [] }
    }

    /// A name is gone, as those see it who look.
    package mutating func lose(_ name: String) { names[name] = nil }

    /// A file has a second name, as those see it who look.
    package mutating func link(_ name: String, as other: String) { names[other] = names[name] }

    /// Performs an effect at once; a `write` names a range of the bytes.
    package mutating func perform(_ effect: DiskEffect, batch: RawSpan) -> (DiskCompletion, read: [UInt8]) {
        var bytes: [UInt8] = []
        if case .write(_, _, let range) = effect.operation { bytes.append(bytes: batch.extracting(range)) }
        return perform(effect, bytes: bytes)
    }

    /// Performs an effect of a journal at once.
    package mutating func perform(
        _ effect: DiskEffect, of journal: borrowing Journal
    ) -> (DiskCompletion, read: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.append(bytes: journal.bytes(of: effect))
        return perform(effect, bytes: bytes)
    }

    /// Takes over all that another disk holds, with draws and faults of its own.
    package mutating func adopt(_ other: SimulatedDisk) {
        var adopted = SimulatedDisk(draws: draws, place: place)
        (adopted.inodes, adopted.freeInodes, adopted.nextSerial) = (other.inodes, other.freeInodes, other.nextSerial)
        (adopted.names, adopted.durableNames) = (other.names, other.durableNames)
        (adopted.pendingNames, adopted.damages) = (other.pendingNames, other.damages)
        adopted.faults = faults
        self = adopted
    }
}
