import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Damage at rest: told with file and offset, or cut where nothing acknowledged can be behind it.
@Suite struct DamageTests {
    static let segmentBytes = 1024

    /// A journal of a dozen batches over several segments, with at least three in the last one.
    static func journal(sealed: Bool) throws -> Rig {
        var rig = try Rig(segmentBytes: segmentBytes)
        rig.append(Request(term: Term(1), votedFor: NodeID(1)))
        rig.flush()
        for step in 0..<14 {
            rig.append(1 + step % 3, bytes: 10 + step)
            rig.flush()
        }
        if sealed { rig.wait() }
        return rig
    }

    /// Where the batches of a segment begin and end.
    static func batches(_ disk: SimulatedDisk, _ name: String) -> [Range<Int>] {
        var disk = disk
        var found: [Range<Int>] = []
        var isInside = false
        guard var inspector = try? JournalInspector(on: &disk) else { return [] }
        while let item = inspector.next(on: &disk) {
            switch item {
            case .segment(let segment, _, _): isInside = segment == name
            case .batch(let batch, let offset) where isInside: found.append(offset..<offset + batch.totalCount)
            default: break
            }
        }
        return found
    }

    @Test(arguments: [false, true]) func everyFlippedBitIsToldOrLosesNothingAcknowledged(sealed: Bool) throws {
        let rig = try Self.journal(sealed: sealed)
        let last = rig.journal.segments[rig.journal.segments.count - 1]
        let tail = try #require(Self.batches(rig.disk, last.name).last)
        var (told, cut, whole) = (0, 0, 0)
        for segment in rig.journal.segments {
            for place in 0..<segment.size {
                var disk = rig.disk
                disk.rot(segment.name) { $0[place] ^= 1 << UInt8(place % 8) }
                do {
                    let found = try recovered(from: disk, segmentBytes: Self.segmentBytes)
                    if found == rig.last {
                        whole += 1
                        // A seal holds nothing, and what is behind the last batch holds nothing.
                        try #require(place >= segment.end || sealed && segment == last && tail.contains(place))
                    } else {
                        cut += 1
                        try #require(!sealed && segment == last && tail.contains(place) && found == rig.states[14])
                    }
                } catch let error as JournalError {
                    told += 1
                    guard case .corrupt(let file, let offset, _) = error else {
                        Issue.record("\(error)")
                        continue
                    }
                    try #require(file == segment.name && offset <= place && place < segment.end)
                }
            }
        }
        #expect(told > 1000 && whole > 500 && (cut > 100) == !sealed, "\(told) told, \(cut) cut, \(whole) whole")
    }

    @Test func aFileCutInsideItsLastBatchStarts() throws {
        let rig = try Self.journal(sealed: false)
        let last = rig.journal.segments[rig.journal.segments.count - 1]
        let tail = try #require(Self.batches(rig.disk, last.name).last)
        for place in tail {
            var (cut, zeroed) = (rig.disk, rig.disk)
            cut.rot(last.name) { $0.removeLast($0.count - place) }
            zeroed.rot(last.name) { bytes in for rest in place..<bytes.count { bytes[rest] = 0 } }
            #expect(try recovered(from: cut, segmentBytes: Self.segmentBytes) == rig.states[14])
            // The last bytes are padding, and zeros already.
            let isWhole = zeroed.contents(last.name) == rig.disk.contents(last.name)
            #expect(!isWhole || place >= tail.upperBound - 7)
            #expect(
                try recovered(from: zeroed, segmentBytes: Self.segmentBytes) == (isWhole ? rig.last : rig.states[14]))
        }
    }

    @Test func anEarlierSegmentIsNeverCut() throws {
        let rig = try Self.journal(sealed: true)
        for segment in rig.journal.segments.dropLast() {
            let tail = try #require(Self.batches(rig.disk, segment.name).last)
            for place in [tail.lowerBound, tail.lowerBound + 40, tail.lowerBound + 100] {
                var (cut, zeroed) = (rig.disk, rig.disk)
                cut.rot(segment.name) { $0.removeLast($0.count - place) }
                zeroed.rot(segment.name) { bytes in for rest in place..<bytes.count { bytes[rest] = 0 } }
                for disk in [cut, zeroed] {
                    let error = try error(of: disk)
                    guard case .corrupt(segment.name, tail.lowerBound, _) = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
        }
    }

    @Test func aMissingSegmentIsCorruption() throws {
        let rig = try Self.journal(sealed: true)
        for segment in rig.journal.segments.dropLast() {
            var disk = rig.disk
            disk.lose(segment.name)
            guard case .corrupt = try error(of: disk) else {
                Issue.record("\(segment.name) is not missed")
                continue
            }
        }
        var none = rig.disk
        for segment in rig.journal.segments { none.lose(segment.name) }
        #expect(try error(of: none).code == "journal_corrupt")
        var nameless = rig.disk
        nameless.lose("identity")
        #expect(try error(of: nameless).code == "journal_corrupt")
    }

    @Test func aSegmentThatIsThereTwiceIsCorruption() throws {
        let rig = try Self.journal(sealed: true)
        for segment in rig.journal.segments {
            var disk = rig.disk
            let name =
                "journal/\(hexadecimal(segment.header.firstIndex.rawValue))-\(hexadecimal(segment.header.firstBatch)).seg"
            disk.link(segment.name, as: name)
            guard case .corrupt = try error(of: disk) else {
                Issue.record("\(segment.name) is taken twice")
                continue
            }
            var misnamed = rig.disk
            misnamed.link(segment.name, as: "journal/00000000000000ff.seg")
            guard case .corrupt("journal/00000000000000ff.seg", 0, _) = try error(of: misnamed) else {
                Issue.record("\(segment.name) goes by another name")
                continue
            }
        }
    }

    @Test func batchesOfAnotherSegmentAreLeftOvers() throws {
        let rig = try Self.journal(sealed: true)
        let last = rig.journal.segments[rig.journal.segments.count - 1]
        let first = rig.journal.segments[0]
        let old = Self.batches(rig.disk, first.name)[0]
        var disk = rig.disk
        let bytes = Array(disk.contents(first.name)[old])
        disk.rot(last.name) { $0.replaceSubrange(last.end..<last.end + bytes.count, with: bytes) }
        #expect(try recovered(from: disk, segmentBytes: Self.segmentBytes) == rig.last)
        var settled = disk
        var visitor = Recovered()
        _ = try Journal.recover(
            from: &settled, node: Rig.node, configuration: Rig.configuration(segmentBytes: Self.segmentBytes), seed: 4,
            visitor: &visitor)
        #expect(settled.contents(last.name)[last.end...].allSatisfy { $0 == 0 }, "nothing old is left behind")
    }

    @Test func recoveryChangesNothingWhenItRefuses() throws {
        let rig = try Self.journal(sealed: true)
        var disk = rig.disk
        disk.rot(rig.journal.segments[1].name) { $0[300] ^= 1 }
        disk.script.count = 0
        var visitor = Recovered()
        var refused = false
        do throws(JournalError) {
            _ = try Journal.recover(
                from: &disk, node: Rig.node, configuration: Rig.configuration(), seed: 4, visitor: &visitor)
        } catch { refused = true }
        #expect(refused && disk.script.count == 0)
    }

    func error(of disk: SimulatedDisk) throws -> JournalError {
        do throws(JournalError) {
            _ = try recovered(from: disk, segmentBytes: Self.segmentBytes)
        } catch { return error }
        throw Accepted()
    }

    struct Accepted: Error {}
}
