import LeaseMachine
import LeaseholdBase
import Testing

/// Ways in which lease systems went wrong, as far as the state machine alone can fall into them.
@Suite struct MachineTrapTests {
    @Test func trap24_aRetryTakesEffectOnceAndGetsTheFirstAnswer() {
        var log = TestLog()
        let command = Command.acquire(log.head(), Acquire(name: "a", holder: "owner", ttl: .seconds(10)))
        #expect(log.apply(command) == granted(1))
        log.now = .seconds(4)
        // The owner's retry is told of its own claim as it stands now, not that somebody holds the lease.
        #expect(log.apply(command) == granted(1, for: .seconds(6)))
        #expect(log.machine.claimCount == 1)
        #expect(log.events == [])

        // A retry after the end takes nothing anew.
        log.now = .seconds(10)
        #expect(log.apply(command) == .acquired(claim: ClaimID(1), .ended(.expired)))
        #expect(log.machine.claimCount == 0)

        // A refusal is the answer to all its retries, though the lease has become free since.
        log.acquire("b", 1)
        let refused = Command.acquire(log.head(2), Acquire(name: "b", holder: "late", ttl: .seconds(10)))
        #expect(log.apply(refused) == held("b", 4, .seconds(10)))
        log.release(4, 1)
        #expect(log.apply(refused) == held("b", 4, .seconds(10)))
        #expect(log.violations == [])
    }

    @Test func trap24_aLateCopyBelowTheMarkOrOlderThanMemoryDoesNothing() {
        var settings = Settings.initial
        settings.retention = .seconds(100)
        var log = TestLog(settings: settings)
        let first = Command.acquire(log.head(), Acquire(name: "a", holder: "h", ttl: .seconds(10)))
        log.apply(first)
        log.release(1)
        #expect(log.apply(first) == .refused(.tooOld), "below the mark that the release carried")
        #expect(log.machine.requestCount == 1)

        log.pulse(after: .seconds(100))
        #expect(log.machine.instanceCount == 1)
        log.pulse(after: Nanoseconds(1))
        #expect(log.machine.instanceCount == 0 && log.machine.requestCount == 0, "unheard for longer than is kept")
        #expect(log.apply(first) == .refused(.tooOld), "nobody remembers whether it was done")
        #expect(log.acquire("a") == granted(7), "the client goes on with new requests")
        #expect(log.violations == [])
    }

    @Test func trap24_longerMemoryDoesNotReviveWhatShorterMemoryForgot() {
        var log = TestLog()
        let first = Command.acquire(log.head(1), Acquire(name: "a", holder: "h", ttl: .seconds(1)))
        log.apply(first)
        let retention = SettingChange(.retention, 2_000_000_000)
        log.apply(.settings(log.head(2), [retention]))
        log.pulse(after: .seconds(5))
        #expect(log.machine.instanceCount == 0)
        log.apply(.settings(log.head(2), [SettingChange(.retention, 600_000_000_000)]))
        #expect(log.apply(first) == .refused(.tooOld))
        #expect(log.machine.claimCount == 0)
    }

    @Test func trap24_aRequestWithOtherContentIsRefused() {
        var log = TestLog()
        let head = log.head()
        log.apply(.acquire(head, Acquire(name: "a", holder: "h", ttl: .seconds(10))))
        for other in [
            Acquire(name: "b", holder: "h", ttl: .seconds(10)), Acquire(name: "a", holder: "i", ttl: .seconds(10)),
            Acquire(name: "a", holder: "h", ttl: .seconds(11)),
            Acquire(name: "a", holder: "h", ttl: .seconds(10), value: [0]),
        ] {
            #expect(log.apply(.acquire(head, other)) == .refused(.requestReused))
        }
        #expect(
            log.apply(.release(head, ClaimReference(claim: ClaimID(1)))) == .refused(.requestReused))
        #expect(log.machine.claimCount == 1)
    }

    @Test func trap47_noEntryOfANewLeaderStartsATTLAgain() {
        var log = TestLog()
        log.acquire("a", ttl: .seconds(10))
        // Election after election, each with its empty entry, half of them without log time passing.
        for _ in 0..<9 {
            log.pulse()
            log.pulse(after: .seconds(1))
            #expect(log.machine.nextDue == .zero + .seconds(10))
        }
        log.pulse(after: .seconds(1))
        #expect(log.events == ["expired a 1"])
    }

    @Test func trap48_aRenewalOfAnEndedClaimIsToldSoAndRevivesNothing() {
        var log = TestLog()
        log.acquire("a")
        log.acquire("b")
        log.acquire("c")
        log.release(1)
        log.apply(.cancel(log.head(), Cancel(target: RequestID.of(1, 2), name: "b")))
        log.now = .seconds(10)
        #expect(log.renew(1, 2, 3) == [.ended(.released), .ended(.cancelled), .ended(.expired)])
        #expect(log.events == ["expired c 3"])
        #expect(log.renew(1, 2, 3) == [.ended(.released), .ended(.cancelled), .ended(.expired)])
        #expect(log.machine.claimCount == 0)
    }

    @Test func trap48_aDeadClaimThatNoEntryHasRecordedYetIsDeadForEveryCommand() {
        var settings = Settings.initial
        settings.expiriesPerEntry = 1
        var log = TestLog(settings: settings)
        for name in ["a", "b", "c", "d", "e"] { log.acquire(name) }
        log.pulse(after: .seconds(10))
        #expect(log.machine.claimCount == 4, "one is recorded an entry")
        #expect(log.machine.nextDue == .zero + .seconds(10), "and the rest is due at once")
        #expect(log.machine.lease(named: "b").holders == [])
        #expect(log.machine.list(prefix: "", limit: 10).leases == [])
        #expect(log.machine.status(of: ClaimID(3)) == .ended(.expired))
        #expect(log.renew(4) == [.ended(.expired)])
        #expect(log.events == ["expired d 4", "expired b 2"])
        #expect(log.machine.claimCount == 2)
        #expect(log.acquire("e") == granted(8))
        #expect(log.events == ["expired e 5", "granted e 8", "expired c 3"])
        #expect(log.violations == [])
    }

    @Test func trap50_aBurstOfExpiriesIsRecordedInPartsInOrder() {
        var settings = Settings.initial
        settings.expiriesPerEntry = 100
        var log = TestLog(settings: settings)
        for number in 0..<400 { log.acquire("n\(number)", ttl: .milliseconds(Int64(1_000 + number % 2))) }
        log.now = .seconds(2)
        var recorded: [String] = []
        for part in 1...4 {
            log.pulse()
            #expect(log.events.count == 100)
            recorded += log.events
            #expect(log.machine.claimCount == 400 - part * 100)
        }
        let expected = (0..<400).filter { $0 % 2 == 0 } + (0..<400).filter { $0 % 2 == 1 }
        #expect(recorded == expected.map { "expired n\($0) \($0 + 1)" })
        #expect(log.machine.nextDue == nil && log.violations == [])
    }

    @Test func trap51_leakedLeasesMeetAStatedLimitAndAClearError() {
        var settings = Settings.initial
        settings.claims = 3
        var log = TestLog(settings: settings)
        for number in 0..<3 { log.acquire("n\(number)") }
        let fourth = Command.acquire(log.head(), Acquire(name: "n3", holder: "h", ttl: .seconds(10)))
        #expect(log.apply(fourth) == .refused(.overloaded))
        #expect(LeaseError.overloaded.code == "overloaded")
        // What frees a place, or keeps one, is not refused; then the same request is granted.
        #expect(log.renew(1) == [.holding(token: FencingToken(1), validFor: .seconds(10))])
        #expect(log.release(1, 2) == .released(claim: ClaimID(1), .released))
        #expect(log.apply(fourth) == granted(7))
        #expect(log.violations == [])
    }

    @Test func trap51_requestsKeptForAClientThatNeverSaysWhatItHasSeenMeetALimit() {
        var settings = Settings.initial
        settings.requestsPerInstance = 4
        settings.instances = 2
        var log = TestLog(settings: settings)
        func command(_ client: UInt64, _ sequence: UInt64) -> Command {
            .acquire(
                RequestHead(
                    request: RequestID.of(client, sequence), lowestUnanswered: RequestSequence(1), newestSeen: .zero),
                Acquire(name: "n\(client)-\(sequence)", holder: "h", ttl: .seconds(10)))
        }
        for sequence in 1...4 { #expect(log.apply(command(1, UInt64(sequence))) == granted(UInt64(sequence))) }
        #expect(log.apply(command(1, 5)) == .refused(.overloaded))
        #expect(log.apply(command(2, 1)) == granted(6))
        #expect(log.apply(command(3, 1)) == .refused(.overloaded), "a third client")
        #expect(log.machine.requestCount == 5 && log.machine.instanceCount == 2)
        #expect(log.violations == [])
    }

    @Test func trap53_stepsOfTheWallClockMoveNoExpiry() throws {
        var steady = LeaseMachine()
        var stepping = LeaseMachine()
        var output = ApplyOutput()
        let head = RequestHead(
            request: RequestID.of(1, 1), lowestUnanswered: RequestSequence(1), newestSeen: .zero)
        let bytes = Command.acquire(head, Acquire(name: "a", holder: "h", ttl: .seconds(1))).bytes
        let walls: [UInt64] = [5, 0, .max, 1_700_000_000_000_000_000, 3]
        for (index, wall) in walls.enumerated() {
            let place = LogIndex(UInt64(index + 1))
            let time = LogTime.zero + .milliseconds(Int64(index) * 300)
            let still = EntryStamp(index: place, logTime: time, wallTime: .zero)
            let stepped = EntryStamp(index: place, logTime: time, wallTime: WallTime(wall))
            if index == 0 {
                try steady.apply(bytes.span.bytes, at: still, into: &output)
                try stepping.apply(bytes.span.bytes, at: stepped, into: &output)
            } else {
                steady.applyEmpty(at: still, into: &output)
                stepping.applyEmpty(at: stepped, into: &output)
            }
            #expect(steady.digest == stepping.digest)
            #expect(stepping.claimCount == (index < 4 ? 1 : 0))
        }
    }

    @Test func trap60_aReleaseNeverTouchesAnotherClaim() {
        var log = TestLog()
        log.acquire("a", 1)
        log.now = .seconds(10)
        #expect(log.acquire("a", 2) == granted(2))
        // The first owner wakes late and releases what it thinks it holds.
        #expect(log.release(1, 1, name: "a") == .released(claim: ClaimID(1), .expired))
        #expect(log.machine.lease(named: "a").holders.map(\.claim) == [ClaimID(2)])
        // Nor do a claim's number under another name, another's claim, or a name alone.
        log.acquire("b", 1)
        #expect(log.release(2, 1, name: "b") == .refused(.claimUnknown))
        #expect(log.release(0, 1, name: "a") == .refused(.claimUnknown))
        var head = log.head()
        head.principal = "other"
        #expect(
            log.apply(.release(head, ClaimReference(claim: ClaimID(2), name: "a"))) == .refused(.claimUnknown))
        #expect(log.machine.claimCount == 2)
        #expect(log.violations == [])
    }

    @Test func trap63_aDeadHoldersLeaseIsFreeAtItsDeadlineRecordedOrNot() {
        var log = TestLog()
        log.acquire("a", 1)
        log.now = .seconds(10) - Nanoseconds(1)
        #expect(log.acquire("a", 2) == held("a", 1, Nanoseconds(1)))
        log.now = .seconds(10)
        #expect(log.acquire("a", 2) == granted(3))
        #expect(log.events == ["expired a 1", "granted a 3"])
    }

    @Test func trap64_twoProcessesOfOneLabelAreTwoHolders() {
        var log = TestLog()
        log.acquire("a", 1, holder: "host")
        #expect(log.acquire("a", 2, holder: "host") == held("a", 1, .seconds(10), holder: "host"))
        #expect(log.renew(2) == [.unknown])
        #expect(log.release(2, 2) == .refused(.claimUnknown))
        #expect(log.machine.claimCount == 1)
    }

    @Test func trap66_anAcquireThatComesAfterItsCancelDoesNothing() {
        var log = TestLog()
        let acquire = Command.acquire(log.head(1), Acquire(name: "a", holder: "h", ttl: .seconds(10)))
        let cancel = Command.cancel(log.head(2), Cancel(target: RequestID.of(1, 1), name: "a"))
        #expect(log.apply(cancel) == .cancelled(.remembered))
        #expect(log.apply(acquire) == .refused(.ended(.cancelled)))
        #expect(log.machine.claimCount == 0)
        #expect(log.apply(acquire) == .refused(.ended(.cancelled)), "however often it comes")
        #expect(log.apply(cancel) == .cancelled(.remembered))
        #expect(log.violations == [])
    }

    @Test func trap66_aGrantThatCameTooLateIsUndoneByItsRequest() {
        var log = TestLog()
        log.acquire("a", 1)
        let cancel = Command.cancel(log.head(2), Cancel(target: RequestID.of(1, 1), name: "a"))
        #expect(log.apply(cancel) == .cancelled(.ended(claim: ClaimID(1))))
        #expect(log.events == ["cancelled a 1"])
        #expect(log.acquire("a", 3) == granted(3))
        // Again, by another request: still what became of that acquire, and nothing happens to the next holder.
        let again = Command.cancel(log.head(2), Cancel(target: RequestID.of(1, 1), name: "a"))
        #expect(log.apply(again) == .cancelled(.ended(claim: ClaimID(1))))
        #expect(log.machine.claimCount == 1)

        // Found by its lease when its client has long had the answer.
        log.acquire("b", 1)
        log.acquire("c", 1)
        let late = Command.cancel(log.head(2), Cancel(target: RequestID.of(1, 2), name: "b"))
        #expect(log.apply(late) == .cancelled(.ended(claim: ClaimID(5))))
        #expect(log.machine.claimCount == 2)
        #expect(log.violations == [])
    }

    @Test func tokensOfANameGrowOverReleaseExpiryAndAnewMadeLease() {
        var log = TestLog()
        var last = FencingToken(0)
        for round in 0..<30 {
            guard case .acquired(let claim, .holding(let token, _)) = log.acquire("a", UInt64(round % 3 + 1)) else {
                Issue.record("not granted in round \(round)")
                return
            }
            #expect(token > last && token.rawValue == claim.rawValue)
            last = token
            if round % 2 == 0 { log.release(claim.rawValue) } else { log.pulse(after: .seconds(10)) }
            #expect(log.machine.leaseCount == 0)
        }
    }
}

extension RequestID {
    static func of(_ client: UInt64, _ sequence: UInt64) -> RequestID {
        RequestID(instance: ClientInstance(client), sequence: RequestSequence(sequence))
    }
}
