import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct InspectorTests {
    private func lines(_ disk: SimulatedDisk) throws -> (counts: [String: Int], damage: [JournalError]) {
        var disk = disk
        var counts: [String: Int] = [:]
        var damage: [JournalError] = []
        var inspector = try JournalInspector(on: &disk)
        while let item = inspector.next(on: &disk) {
            switch item {
            case .segment: counts["segment", default: 0] += 1
            case .batch(let batch, _): counts[batch.flags.contains(.seal) ? "seal" : "batch", default: 0] += 1
            case .record(.entry(let header, let place)):
                #expect(
                    inspector.payload(place)
                        == [UInt8](repeating: UInt8(truncatingIfNeeded: header.index.rawValue), count: place.count))
                counts["entry", default: 0] += 1
            case .record: counts["record", default: 0] += 1
            case .end(_, _, let isClear): counts[isClear ? "clear" : "torn", default: 0] += 1
            case .damage(let error): damage.append(error)
            }
        }
        return (counts, damage)
    }

    @Test func allThatIsThereIsShown() throws {
        let rig = try DamageTests.journal(sealed: true)
        let (counts, damage) = try lines(rig.disk)
        let segments = rig.journal.segments.count
        #expect(damage.isEmpty)
        #expect(
            counts == [
                "segment": segments, "clear": segments, "batch": 15, "seal": 1, "record": 1,
                "entry": rig.last.entries.count,
            ])
    }

    @Test func theFirstBadByteIsTheOneThatRecoveryNames() throws {
        let rig = try DamageTests.journal(sealed: true)
        for segment in rig.journal.segments {
            for place in stride(from: 3, to: segment.end, by: 61) {
                var disk = rig.disk
                disk.rot(segment.name) { $0[place] ^= 2 }
                do throws(JournalError) { _ = try recovered(from: disk) } catch {
                    #expect(try lines(disk).damage.first == error)
                }
            }
        }
        let (_, damage) = try lines(rig.disk)
        #expect(damage.isEmpty)
    }

    @Test func aTornEndIsShownAsSuch() throws {
        let rig = try DamageTests.journal(sealed: false)
        let last = rig.journal.segments[rig.journal.segments.count - 1]
        var disk = rig.disk
        disk.rot(last.name) { $0.removeLast($0.count - last.end + 20) }
        let (counts, damage) = try lines(disk)
        #expect(damage.isEmpty && counts["torn"] == 1 && counts["batch"] == 14)
    }
}
