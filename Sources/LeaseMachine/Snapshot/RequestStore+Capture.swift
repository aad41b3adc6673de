internal import LeaseholdBase

/// What a snapshot of the client instances needs of the past while the machine goes on.
///
/// Instances are written in the order in which they were last heard. One that is heard, or forgotten, before the walk
/// has come to it is saved as it was with all its requests, and written in its turn.
///
/// Memory: about 40 bytes an instance that is heard before it was written, and 40 to 600 for each of its requests.
struct RequestCapture: Sendable {
    fileprivate(set) var isActive = false
    /// Rises with every capture. An instance that bears it is of no more use to this one.
    fileprivate(set) var number: UInt32 = 0
    /// Instances with a greater rank have come, or been heard, since.
    fileprivate var lastRank: UInt64 = 0
    /// The instance that the walk comes to next.
    var cursor = noSlot
    fileprivate var saved = SavedRecords()
    /// What is saved, by rank.
    fileprivate var order = SlotHeap()
    fileprivate var scratch: [UInt8] = []

    /// How many bytes it takes: for measuring.
    var reservedBytes: Int { saved.reservedBytes }
}

extension RequestStore {
    /// From here on what changes is kept as it was.
    mutating func beginCapture() {
        endCapture()
        capture.isActive = true
        capture.number += 1
        capture.lastRank = lastRank
        capture.cursor = earliest
    }

    mutating func endCapture() {
        let number = capture.number
        capture = RequestCapture()
        capture.number = number
    }

    /// Keeps an instance that is about to change.
    /// - Complexity: O(n log n) in its requests, of which the settings allow so many.
    mutating func keep(_ instance: UInt32) {
        guard instances[instance].capture != capture.number else { return }
        instances[instance].capture = capture.number
        var scratch: [UInt8] = []
        swap(&scratch, &capture.scratch)
        scratch.removeAll(keepingCapacity: true)
        encode(instance, into: &scratch)
        capture.order.insert(capture.saved.add(scratch), key: instances[instance].rank, tie: 0)
        swap(&scratch, &capture.scratch)
    }

    private func encode(_ instance: UInt32, into bytes: inout [UInt8]) {
        let record = instances[instance]
        let start = SnapshotFormat.begin(.instance, in: &bytes)
        bytes.append(uint64: record.instance.rawValue)
        bytes.append(uint64: record.mark.rawValue)
        bytes.append(uint64: record.lastHeard.rawValue)
        SnapshotFormat.end(start, in: &bytes)
        guard record.requestCount > 1 else {
            if record.requestCount == 1 { encode(request: record.firstRequest, into: &bytes) }
            return
        }
        var slots: [UInt32] = []
        slots.reserveCapacity(Int(record.requestCount))
        var next = record.firstRequest
        while next != noSlot {
            slots.append(next)
            next = requests[next].next
        }
        slots.sort { requests[$0].sequence < requests[$1].sequence }
        for slot in slots { encode(request: slot, into: &bytes) }
    }

    private func encode(request slot: UInt32, into bytes: inout [UInt8]) {
        let request = requests[slot]
        let start = SnapshotFormat.begin(.request, in: &bytes)
        bytes.append(uint64: request.sequence.rawValue)
        bytes.append(uint64: request.content)
        bytes.append(uint64: request.claim.rawValue)
        bytes.append(request.kind.rawValue)
        bytes.append(uint16: request.textLength)
        bytes.append(bytes: answer(slot))
        SnapshotFormat.end(start, in: &bytes)
    }

    /// Writes instances, as they were, until the turn's share is used up; answers whether that was all.
    mutating func writeInstances(into chunks: inout SnapshotChunks) -> Bool {
        while !chunks.isFull {
            while capture.cursor != noSlot, instances[capture.cursor].capture == capture.number {
                // Behind it are those alone that were heard of since: all of them may be.
                let isPast = instances[capture.cursor].rank > capture.lastRank
                capture.cursor = isPast ? noSlot : instances[capture.cursor].later
            }
            let live = capture.cursor == noSlot ? UInt64.max : instances[capture.cursor].rank
            if let kept = capture.order.first, kept.key < live {
                chunks.add(capture.saved.records(kept.slot), to: .instances)
                capture.saved.remove(kept.slot)
                capture.order.remove(kept.slot)
            } else if live <= capture.lastRank {
                let slot = capture.cursor
                capture.scratch.removeAll(keepingCapacity: true)
                var scratch: [UInt8] = []
                swap(&scratch, &capture.scratch)
                encode(slot, into: &scratch)
                unsafe chunks.add(scratch.span.bytes, to: .instances)
                swap(&scratch, &capture.scratch)
                instances[slot].capture = capture.number
                capture.cursor = instances[slot].later
            } else {
                return true
            }
        }
        return false
    }
}
