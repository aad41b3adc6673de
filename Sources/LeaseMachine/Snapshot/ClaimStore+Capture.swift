internal import LeaseholdBase

/// What a snapshot of the leases needs of the past while the machine goes on.
///
/// The leases are written in the order of their names, so many bytes a turn, from the store as it is. What changes before
/// the walk has come to it is kept as it was: of a renewal the old deadline, of an end or another value the whole lease.
/// Leases and claims that came since are told by their numbers, and passed over.
///
/// Memory: 16 bytes a claim that is renewed before it was written, about 130 a lease that ends; each at most once.
struct ClaimCapture: Sendable {
    struct Kept: BitwiseCopyable, Sendable {
        var slot: UInt32
        var deadline: LogTime
    }

    fileprivate(set) var isActive = false
    /// Rises with every capture. A lease that bears it is of no more use to this one.
    fileprivate(set) var number: UInt32 = 0
    /// Claims with a greater id have come since.
    fileprivate var index = LogIndex.zero
    /// Old deadlines: a sparse set over the slots of claims (Briggs and Torczon), so that nothing need be cleared. A slot
    /// is in it if the item that its record names is its own.
    fileprivate var deadlines = ChunkedTable<Kept>()
    fileprivate var saved = SavedRecords()
    /// What is saved, in the order of names.
    fileprivate var order = OrderedIndex()
    /// The last name written.
    fileprivate var lastName: [UInt8] = []
    fileprivate var scratch: [UInt8] = []

    /// How many bytes it takes: for measuring.
    var reservedBytes: Int { saved.reservedBytes + deadlines.capacity * MemoryLayout<Kept>.stride }
    /// How many deadlines and how many leases were kept.
    var keptCounts: (deadlines: Int, leases: Int) { (deadlines.count, saved.count) }
}

extension ClaimStore {
    /// From here on what changes is kept as it was.
    /// - Complexity: O(1).
    mutating func beginCapture(at index: LogIndex) {
        endCapture()
        capture.isActive = true
        capture.number += 1
        capture.index = index
    }

    mutating func endCapture() {
        let number = capture.number
        capture = ClaimCapture()
        capture.number = number
    }

    /// Keeps the deadline of a claim that is about to be renewed.
    mutating func keepDeadline(of slot: UInt32, _ claim: ClaimRecord) {
        guard claim.id.rawValue <= capture.index.rawValue, !hasKept(slot, claim) else { return }
        claims[slot].kept = UInt32(truncatingIfNeeded: capture.deadlines.count)
        capture.deadlines.append(ClaimCapture.Kept(slot: slot, deadline: claim.deadline))
    }

    private func hasKept(_ slot: UInt32, _ claim: ClaimRecord) -> Bool {
        Int(claim.kept) < capture.deadlines.count && capture.deadlines[Int(claim.kept)].slot == slot
    }

    /// Keeps a lease of which a claim is about to go or to change.
    mutating func keepLease(_ lease: UInt32) {
        guard leases[lease].capture != capture.number else { return }
        leases[lease].capture = capture.number
        var scratch: [UInt8] = []
        swap(&scratch, &capture.scratch)
        scratch.removeAll(keepingCapacity: true)
        encode(lease, into: &scratch)
        let count = Int(leases[lease].nameLength)
        let number = capture.saved.add(scratch, nameCount: count)
        Self.order(number, in: capture.saved, into: &capture.order)
        swap(&scratch, &capture.scratch)
    }

    private static func order(_ number: UInt32, in saved: borrowing SavedRecords, into order: inout OrderedIndex) {
        let name = saved.name(number)
        let difference = order.closest(to: name).flatMap { CriticalBit(between: name, and: saved.name($0)) }
        order.insert(number, key: name, difference: difference)
    }

    /// Appends a lease as it was when the capture began.
    private func encode(_ lease: UInt32, into bytes: inout [UInt8]) {
        let start = SnapshotFormat.begin(.lease, in: &bytes)
        bytes.append(uint32: leases[lease].capacity)
        bytes.append(leases[lease].nameLength)
        bytes.append(bytes: name(ofLease: lease))
        SnapshotFormat.end(start, in: &bytes)
        var next = leases[lease].firstClaim
        while next != noSlot {
            let claim = claims[next]
            if claim.id.rawValue > capture.index.rawValue { return }
            let start = SnapshotFormat.begin(.claim, in: &bytes)
            bytes.append(uint64: claim.id.rawValue)
            bytes.append(uint64: claim.token.rawValue)
            let deadline = hasKept(next, claim) ? capture.deadlines[Int(claim.kept)].deadline : claim.deadline
            bytes.append(uint64: deadline.rawValue)
            bytes.append(uint64: UInt64(bitPattern: claim.ttl.rawValue))
            bytes.append(uint64: claim.request.instance.rawValue)
            bytes.append(uint64: claim.request.sequence.rawValue)
            bytes.append(claim.holderLength)
            bytes.append(claim.principalLength)
            bytes.append(uint16: claim.valueLength)
            bytes.append(
                bytes: texts.bytes(claim.textSlot, length: Int(claim.holderLength) + Int(claim.principalLength)))
            bytes.append(bytes: value(ofClaim: next))
            SnapshotFormat.end(start, in: &bytes)
            next = claim.next
        }
    }

    /// Writes leases, as they were, until the turn's share is used up; answers whether that was all.
    mutating func writeLeases(into chunks: inout SnapshotChunks) -> Bool {
        var scratch: [UInt8] = []
        var lastName: [UInt8] = []
        swap(&scratch, &capture.scratch)
        swap(&lastName, &capture.lastName)
        defer {
            swap(&scratch, &capture.scratch)
            swap(&lastName, &capture.lastName)
        }
        var walk = unsafe walk(after: lastName.span.bytes)
        var live = nextLive(&walk, &chunks, &lastName)
        while !chunks.isFull {
            if let kept = capture.order.first, live.map({ comesFirst(kept, before: $0) }) ?? true {
                chunks.add(capture.saved.records(kept), to: .leases)
                Self.remove(kept, in: capture.saved, from: &capture.order, to: &lastName)
                capture.saved.remove(kept)
            } else if let lease = live {
                scratch.removeAll(keepingCapacity: true)
                encode(lease, into: &scratch)
                unsafe chunks.add(scratch.span.bytes, to: .leases)
                leases[lease].capture = capture.number
                Self.copy(name(ofLease: lease), to: &lastName)
                live = nextLive(&walk, &chunks, &lastName)
            } else {
                return true
            }
        }
        return false
    }

    /// Takes out of the order what is written now, which leaves its name as the last one.
    private static func remove(
        _ number: UInt32, in saved: borrowing SavedRecords, from order: inout OrderedIndex, to lastName: inout [UInt8]
    ) {
        copy(saved.name(number), to: &lastName)
        order.remove(number, key: saved.name(number))
    }

    private static func copy(_ name: RawSpan, to bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(bytes: name)
    }

    private func walk(after name: RawSpan) -> OrderedIndex.Cursor {
        let difference = order.closest(to: name).flatMap { CriticalBit(between: name, and: self.name(ofLease: $0)) }
        return order.cursor(from: name, strictly: true, difference: difference)
    }

    /// The next that is to be written. Those that came since are passed over, in shares as well: there may be as many.
    private func nextLive(
        _ walk: inout OrderedIndex.Cursor, _ chunks: inout SnapshotChunks, _ lastName: inout [UInt8]
    ) -> UInt32? {
        while let lease = order.next(&walk) {
            guard leases[lease].capture == capture.number else { return lease }
            chunks.passOver()
            guard !chunks.isFull else {
                Self.copy(name(ofLease: lease), to: &lastName)
                return nil
            }
        }
        return nil
    }

    private func comesFirst(_ kept: UInt32, before lease: UInt32) -> Bool {
        let (left, right) = (capture.saved.name(kept), name(ofLease: lease))
        return CriticalBit(between: left, and: right)?.isSet(in: right) ?? true
    }
}
