import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

@Suite struct PacingTests {
    @Test func trap57_waitsAreSpreadOverAllOfABoundThatDoubles() {
        let backoff = Backoff(shortest: .milliseconds(10), longest: .milliseconds(100))
        #expect((1...7).map { backoff.bound(afterFailures: $0).milliseconds } == [10, 20, 40, 80, 100, 100, 100])
        #expect(backoff.bound(afterFailures: 0) == .milliseconds(10))
        #expect(backoff.bound(afterFailures: .max) == .milliseconds(100))
        var random = RandomSource(seed: 3)
        var tenths = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 {
            let wait = backoff.delay(afterFailures: 5, &random)
            #expect(wait >= .zero && wait <= .milliseconds(100))
            tenths[min(9, Int(wait.milliseconds / 10))] += 1
        }
        for count in tenths { #expect(count > 850 && count < 1_150) }
    }

    @Test func renewalsWaitFromAFewMillisecondsToATenthOfTheTTL() {
        let table: [(ttl: Nanoseconds, shortest: Int64, longest: Int64)] = [
            (.milliseconds(500), 25, 50), (.seconds(1), 50, 100), (.seconds(15), 50, 1_500),
            (.seconds(86_400), 50, 8_640_000),
        ]
        for (ttl, shortest, longest) in table {
            let backoff = Backoff.renewal(ttl: ttl)
            #expect(backoff.bound(afterFailures: 1) == .milliseconds(shortest))
            #expect(backoff.bound(afterFailures: 40) == .milliseconds(longest))
        }
    }

    /// Clients that failed at one moment come back at different ones.
    @Test func trap57_clientsThatWereRefusedTogetherDoNotComeBackTogether() throws {
        var moments: Set<SteadyTime> = []
        for seed in UInt64(0)..<50 {
            var rig = Rig(endpoints: ["n1:7401"], seed: seed)
            _ = try rig.acquire()
            let accepted = rig.accept("n1:7401")
            rig.welcome(try #require(accepted), node: 1, leader: 1)
            let sent = rig.takeRequests().first
            rig.refuse(try #require(sent), Refusal(.overloaded, retryAfter: .milliseconds(100)))
            while rig.requests.isEmpty { rig.run(until: rig.core.deadline) }
            moments.insert(rig.now)
        }
        #expect(moments.count > 45)
    }

    @Test func aRunIsDeterminedByItsSeed() throws {
        func run(_ seed: UInt64) throws -> [UInt64] {
            var rig = Rig(endpoints: ["n1:7401"], seed: seed)
            _ = try rig.acquire(timeout: .seconds(5))
            var moments: [UInt64] = []
            for _ in 0..<20 where rig.core.deadline != .never {
                rig.run(until: rig.core.deadline)
                moments.append(rig.now.rawValue)
                if let dial = rig.dials.last { rig.core.dialFailed(dial.id, now: rig.now) }
                rig.turn()
            }
            return moments
        }
        let first = try run(7)
        let again = try run(7)
        let other = try run(8)
        #expect(first == again && first != other)
    }
}

@Suite struct HostileServerTests {
    #if DEBUG
    static let rounds = 3_000
    #else
    static let rounds = 100_000
    #endif

    /// Whatever a server sends, well-formed or not, the client neither traps nor answers a request twice.
    @Test func damagedAndMisplacedFramesNeverTrap() throws {
        var random = RandomSource(seed: 99)
        var rig = Rig()
        var open: Set<RequestHandle> = []
        var answered = 0
        for round in 0..<Self.rounds {
            if random.chance(1, in: 3) {
                let handle =
                    switch random.below(4) {
                    case 0:
                        try? rig.core.acquire(
                            Acquire(name: "jobs/\(random.below(5))", holder: "h", ttl: .seconds(2)), keep: true,
                            timeout: .seconds(1), now: rig.now)
                    case 1: try? rig.core.get(name: "a", stale: true, timeout: .seconds(1), now: rig.now)
                    case 2: try? rig.core.renew([Renewal(claim: ClaimID(3))], timeout: .seconds(1), now: rig.now)
                    default: try? rig.core.status(timeout: .seconds(1), now: rig.now)
                    }
                if let handle { open.insert(handle) }
            }
            rig.now = rig.now + random.duration(in: .zero...(.milliseconds(20)))
            rig.turn()
            for dial in rig.dials {
                rig.connections += 1
                rig.core.connected(dial.id, ConnectionID(rig.connections), now: rig.now)
            }
            rig.dials.removeAll()
            rig.turn()
            let connection = ConnectionID(random.below(rig.connections + 1))
            var bytes = frame(&random, rig)
            if random.chance(1, in: 3), !bytes.isEmpty {
                bytes[random.integer(in: 0...bytes.count - 1)] ^= UInt8(random.below(256))
            }
            _ = rig.core.received(connection, bytes.span.bytes, now: rig.now)
            rig.turn()
            for (handle, _) in rig.results {
                #expect(open.remove(handle) != nil, "round \(round)")
                answered += 1
            }
            rig.results.removeAll()
            rig.frames.removeAll()
            if rig.requests.count > 50 { rig.requests.removeFirst(25) }
        }
        #expect(answered > Self.rounds / 10)
        rig.run(.seconds(120))
        for (handle, _) in rig.results { #expect(open.remove(handle) != nil) }
        #expect(open.isEmpty && rig.core.requestsUnderWay == 0)
    }

    private func frame(_ random: inout RandomSource, _ rig: Rig) -> [UInt8] {
        var bytes: [UInt8] = []
        let hint = Rig.hint(random.chance(1, in: 3) ? nil : random.below(5) + 1, random.below(3))
        let correlation: CorrelationID =
            random.chance(1, in: 5) || rig.requests.isEmpty
            ? CorrelationID(random.next() >> random.below(64))
            : rig.requests[random.integer(in: 0...rig.requests.count - 1)].correlation
        switch random.below(8) {
        case 0...2:
            Welcome(cluster: Rig.cluster, node: NodeID(random.below(4) + 1), logTime: LogTime(9), leader: hint)
                .encodeFrame(into: &bytes)
        case 3: LeaderNotice(leader: hint).encodeFrame(into: &bytes)
        case 4: Pong(correlation: correlation, logTime: .never, leader: hint).encodeFrame(into: &bytes)
        default:
            let kinds = AnswerKind.allCases
            let head = AnswerHead(
                correlation: correlation, logTime: LogTime(random.next()), renewEvery: .milliseconds(5),
                kind: kinds[random.integer(in: 0...kinds.count - 1)])
            let start = head.begin(in: &bytes)
            switch head.kind {
            case .outcome:
                let status = ClaimStatus.holding(
                    token: FencingToken(random.below(9)), validFor: Nanoseconds(Int64(bitPattern: random.next())))
                let statuses = [ClaimStatus](repeating: status, count: Int(random.below(3)))
                let outcome: Outcome = random.chance(1, in: 2) ? .renewed : .acquired(claim: ClaimID(3), status)
                outcome.encode(statuses: statuses.span, into: &bytes)
            case .refused: bytes += [UInt8](repeating: UInt8(random.below(12)), count: 10)
            default: for _ in 0..<random.below(40) { bytes.append(UInt8(random.below(4))) }
            }
            FrameWriter.finish(at: start, in: &bytes)
        }
        return bytes
    }
}
