import LeaseMachine
import LeaseholdBase
import Testing

@Suite struct SnapshotTests {
    @Test func aMachineMadeOfASnapshotIsTheSame() throws {
        let log = TestLog.varied
        for chunkBytes in [1, 50, 64 << 10] {
            let bytes = log.machine.snapshotBytes(chunkBytes: chunkBytes)
            let loaded = try LeaseMachine(snapshot: bytes)
            #expect(loaded.digest == log.machine.digest && loaded.violations().isEmpty)
            #expect(loaded.appliedIndex == log.machine.appliedIndex && loaded.logTime == log.machine.logTime)
            #expect(loaded.nextDue == log.machine.nextDue && loaded.settings == log.machine.settings)
            #expect(loaded.snapshotBytes(chunkBytes: chunkBytes) == bytes)
        }
        let empty = LeaseMachine()
        #expect(try LeaseMachine(snapshot: empty.snapshotBytes()).digest == empty.digest)
    }

    @Test func theOrderOfForgettingOutlivesASnapshot() throws {
        // Instances and endings of one log time: which of them is forgotten first is no function of their facts.
        for order in [[1, 2, 3], [3, 1, 2]] as [[UInt64]] {
            var settings = Settings.initial
            settings.expiriesPerEntry = 1
            settings.retention = .seconds(2)
            var log = TestLog(settings: settings)
            for client in order { log.acquire("n\(client)", client, ttl: .milliseconds(500)) }
            log.pulse(after: .seconds(1))
            log.pulse()
            log.pulse()
            var loaded = log
            loaded.machine = try LeaseMachine(snapshot: log.machine.snapshotBytes())
            for _ in 0..<4 {
                log.pulse(after: .seconds(2))
                loaded.pulse(after: .seconds(2))
                #expect(loaded.machine.digest == log.machine.digest)
                #expect(loaded.machine.snapshotBytes() == log.machine.snapshotBytes())
            }
            #expect(log.machine.instanceCount == 0 && log.machine.endingCount == 0)
        }
    }

    @Test func everyCutIsToldAndEveryPieceIsTaken() throws {
        let log = TestLog.varied
        let bytes = log.machine.snapshotBytes(chunkBytes: 100)
        for count in 0..<bytes.count {
            #expect(throws: SnapshotError.self) { try LeaseMachine(snapshot: Array(bytes[..<count])) }
        }
        #expect(throws: SnapshotError.self) { try LeaseMachine(snapshot: bytes + [0]) }
        for size in [1, 7, 19, 20, 21, 130] {
            var loader = SnapshotLoader(hashSeed: 1)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try loader.load(bytes.span.bytes.extracting(start..<min(bytes.count, start + size)))
            }
            #expect(loader.position?.index == log.machine.appliedIndex)
            #expect(try loader.finish().digest == log.machine.digest)
        }
    }

    @Test func damageIsToldWithItsSectionAndOffset() throws {
        let bytes = TestLog.varied.machine.snapshotBytes()
        // The chunks begin at known places: position, settings, leases.
        let chunks = SnapshotBytes(bytes).chunks
        let leases = 20 + chunks[0].payload.count + 20 + chunks[1].payload.count
        for place in [leases, leases + 19, leases + 20, leases + 90] {
            var damaged = bytes
            damaged[place] ^= 4
            do throws(SnapshotError) {
                _ = try LeaseMachine(snapshot: damaged)
                Issue.record("damage at \(place) was not seen")
            } catch {
                guard case .corrupt(_, leases, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(error.code == "snapshot_corrupt")
            }
        }
    }

    /// Changes one record of a kind, and answers what loading says.
    private func error(
        changing kind: UInt8, at position: Int = 0, _ change: (inout [UInt8]) -> Void
    ) -> SnapshotError? {
        var parts = SnapshotBytes(TestLog.varied.machine.snapshotBytes())
        var left = position
        for place in parts.chunks.indices {
            var records = SnapshotBytes.records(parts.chunks[place].payload)
            for number in records.indices where records[number][2] == kind {
                if left == 0 { change(&records[number]) }
                left -= 1
            }
            parts.chunks[place].payload = records.flatMap { $0 }
        }
        do throws(SnapshotError) {
            _ = try LeaseMachine(snapshot: parts.bytes)
            return nil
        } catch { return error }
    }

    @Test func recordsThatNoMachineWritesAreRefused() {
        #expect(error(changing: 3) { _ in } == nil)
        func reason(_ kind: UInt8, at position: Int = 0, _ change: (inout [UInt8]) -> Void) -> String? {
            guard case .corrupt(_, _, let reason) = error(changing: kind, at: position, change) else { return nil }
            return reason
        }
        let never: UInt64 = .max
        #expect(reason(1) { $0.overwrite(uint64: never, at: 19) } == "what is forgotten is in the future")
        #expect(reason(1) { $0.overwrite(uint64: 7, at: 67) } == "what was loaded is not what the position promises")
        #expect(reason(2) { $0.overwrite(uint64: 2, at: 5) } == nil, "a later level is not corrupt")
        #expect(reason(2, at: 1) { $0.overwrite(uint64: 0, at: 5) } == "settings out of range")
        #expect(reason(3) { $0[8] = 7 } == "a name is not one")
        #expect(reason(3, at: 1) { $0[8] = 1 + 0x20 } == "leases are out of order")
        #expect(reason(3) { $0[7] = 200 } == "a record is cut short")
        #expect(reason(4) { $0 = SnapshotBytes.record(200, []) } == "a lease has no claims")
        #expect(reason(4) { $0 += $0 } == "a lease has more holders than slots")
        #expect(reason(4) { $0.overwrite(uint64: 0, at: 3) } == "a claim's id is not one")
        #expect(reason(4) { $0.overwrite(uint64: never, at: 3) } == "a claim's id is not one")
        #expect(reason(4) { $0.overwrite(uint64: never, at: 19) } == "a claim's deadline is not one")
        #expect(reason(4) { $0.overwrite(uint64: 5, at: 27) } == "a claim's deadline is not one")
        #expect(reason(4) { $0[55] = 7 } == "a claim is outside of limits")
        #expect(reason(5, at: 1) { $0.overwrite(uint64: 0, at: 3) } == "an instance's number is not one")
        #expect(reason(5, at: 1) { $0.overwrite(uint64: 0, at: 19) } == "instances are out of order")
        #expect(reason(6) { $0.overwrite(uint64: 0, at: 3) } == "requests are out of order")
        #expect(reason(7) { $0.overwrite(uint64: never, at: 11) } == "endings are out of order")
        #expect(reason(7) { $0.overwrite(uint64: never, at: 3) } == "an ending's claim is not one")
        let lease = SnapshotBytes.record(3, [1, 0, 0, 0, 1, 65])
        #expect(reason(7) { $0 = lease } == "a record is in a section that is not its own")
    }

    @Test func whatALaterBuildAddsIsSkippedOrRefused() {
        for kind in 1...8 as ClosedRange<UInt8> {
            let more = error(changing: kind) { record in
                record += [9, 9]
                record[0] += 2
            }
            #expect(more == nil, "fields behind those of kind \(kind)")
            let optional = error(changing: kind) { $0 += SnapshotBytes.record(200, [1]) }
            #expect(optional == nil, "a record behind one of kind \(kind) that may be skipped")
            guard case .unsupported = error(changing: kind, { $0 += SnapshotBytes.record(100, [1]) }) else {
                Issue.record("an unknown record was passed over")
                continue
            }
        }
        var parts = SnapshotBytes(TestLog.varied.machine.snapshotBytes())
        let chunk = SnapshotBytes.Chunk(format: 1, section: 77, flags: 1, payload: [1, 2, 3])
        parts.chunks.insert(chunk, at: 3)
        #expect(throws: Never.self) { try LeaseMachine(snapshot: parts.bytes) }
        parts.chunks[3].flags = 0
        var (offset, reason) = (offset(of: 3, parts), "an unknown section")
        #expect(throws: SnapshotError.unsupported(section: "section 77", offset: offset, reason: reason)) {
            try LeaseMachine(snapshot: parts.bytes)
        }
        parts.chunks.remove(at: 3)
        parts.chunks[2].format = 2
        offset = self.offset(of: 2, parts)
        reason = "format 2, and this program reads formats 1 to 1: use a later version of it"
        #expect(throws: SnapshotError.unsupported(section: "settings", offset: offset, reason: reason)) {
            try LeaseMachine(snapshot: parts.bytes)
        }
        parts.chunks[2].format = 1
        parts.chunks.swapAt(2, 3)
        #expect(throws: SnapshotError.self) { try LeaseMachine(snapshot: parts.bytes) }
    }

    private func offset(of place: Int, _ parts: SnapshotBytes) -> Int {
        parts.chunks[..<place].reduce(0) { $0 + 20 + $1.payload.count }
    }

    @Test func aRestoredStateTellsItsHolders() throws {
        var log = TestLog()
        log.acquire("a", 1, ttl: .seconds(10))
        log.acquire("b", 2, ttl: .seconds(10))
        let head = log.head(3)
        let acquire = Acquire(name: "c", holder: "h", ttl: .seconds(10))
        log.apply(.acquire(head, acquire))
        var restored = log
        restored.machine = try LeaseMachine(snapshot: log.machine.snapshotBytes())
        restored.index = try restored.machine.restore(at: WallTime(0), quarantine: false).rawValue
        #expect(restored.machine.violations().isEmpty && restored.machine.digest != log.machine.digest)
        #expect(restored.renew(1) == [.ended(.restored)])
        #expect(restored.apply(.acquire(head, acquire)) == .acquired(claim: ClaimID(3), .ended(.restored)))
        #expect(restored.acquire("a", 4) == held("a", 1, .seconds(10)), "the slot stays taken")
        let update = Update(claim: ClaimReference(claim: ClaimID(2)), value: [1])
        #expect(restored.apply(.update(restored.head(2), update)) == .refused(.ended(.restored)))
        #expect(restored.release(2, 2) == .released(claim: ClaimID(2), .released), "who holds nothing may say so")
        let token = FencingToken(restored.index + 1)
        #expect(restored.acquire("b", 4) == granted(token.rawValue))
        restored.pulse(after: .seconds(10))
        #expect(restored.events == ["restored a 1", "restored c 3", "expired b \(token)"])
        #expect(restored.renew(1, 2) == [.ended(.restored), .ended(.released)])
        #expect(restored.violations.isEmpty)
    }

    @Test func nothingIsGrantedUntilTheLongestLifeHasPassed() throws {
        var settings = Settings.initial
        settings.ttlMaximum = .seconds(20)
        var log = TestLog(settings: settings)
        log.acquire("a", 1, ttl: .seconds(20))
        log.apply(.settings(log.head(1), [SettingChange(.ttlMaximum, 5_000_000_000)]))
        log.index = try log.machine.restore(at: WallTime(0), quarantine: true).rawValue
        // The setting may have been raised behind the backup, and a lease been granted for as long as it allowed then.
        #expect(log.machine.quarantineUntil == .zero + Limits.ttl.upperBound && log.machine.hasPending)
        let refused = Outcome.refused(.quarantined(remaining: .seconds(86_400)))
        #expect(log.acquire("x", 2, ttl: .seconds(1)) == refused)
        log.pulse(after: .seconds(86_399))
        // The wait outlives another snapshot, and is answered anew at each try of the same request.
        log.machine = try LeaseMachine(snapshot: log.machine.snapshotBytes())
        let head = log.head(3)
        let acquire = Acquire(name: "x", holder: "h", ttl: .seconds(1))
        #expect(log.apply(.acquire(head, acquire)) == .refused(.quarantined(remaining: .seconds(1))))
        log.now = log.now + .seconds(1)
        guard case .acquired(_, .holding) = log.apply(.acquire(head, acquire)) else {
            Issue.record("the quarantine has no end")
            return
        }
        #expect(log.violations.isEmpty)
    }

    /// Leases and instances that came since are in the way of those that are to be written, and may be as many.
    @Test func whatCameSinceIsPassedOverInShares() throws {
        var log = TestLog()
        log.acquire("z/1", 1)
        log.acquire("z/2", 2)
        let expected = log.machine.snapshotBytes()
        log.machine.beginSnapshot()
        var bytes: [UInt8] = []
        var command: [UInt8] = []
        for number in 0..<10_000 as Range<UInt64> {
            command.removeAll(keepingCapacity: true)
            let head = RequestHead(
                request: RequestID(instance: ClientInstance(100 + number), sequence: RequestSequence(1)),
                lowestUnanswered: RequestSequence(1), newestSeen: .zero)
            Command.acquire(head, Acquire(name: "a/\(number)", holder: "h", ttl: .seconds(10))).encode(into: &command)
            log.index += 1
            try log.machine.apply(command.span.bytes, at: log.stamp, into: &log.output)
        }
        var turns = 1
        while !log.machine.writeSnapshot(atMost: 64 << 10, into: &bytes) { turns += 1 }
        #expect(bytes == expected && turns == 3, "\(turns) turns")
        #expect(log.machine.claimCount == 10_002 && log.machine.violations() == [])
    }
}
