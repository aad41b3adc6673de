import LeaseMachine
import LeaseholdBase
import LeaseholdWire
import Raft
import Simulator
import Testing

/// The judge by log index.
@Suite struct HistoryTestsLog {
    private func violated(_ history: History, _ rig: LogRig) -> [Int] {
        LogJudge.judge(history, rig.log).violations.map(\.property)
    }

    private func held() -> LogRig {
        var rig = LogRig()
        rig.pulse()
        rig.acquire(1, "a", value: [7])
        return rig
    }

    /// Settings that are read were so between the question and the answer.
    @Test func settingsThatAreReadAreOfTheirTime() {
        var rig = LogRig()
        rig.pulse()
        var changed = Settings.initial
        changed.endings = 7
        rig.wait(10)
        let head = rig.head(1)
        let changes = [SettingChange(.endings, 7)]
        rig.call(1, .changeSettings(changes), .settings(head, changes), head.request)
        let after = rig.now
        func judged(_ asked: UInt64, _ told: UInt64, _ settings: Settings) -> [Int] {
            let read = LogJudge.SettingsRead(client: 1, asked: asked, told: told, settings: settings)
            return LogJudge.judge(rig.history, rig.log, settings: [read]).violations.map(\.property)
        }
        #expect(judged(0, 1, .initial) == [] && judged(0, after, .initial) == [])
        #expect(judged(0, after, changed) == [] && judged(after, after, changed) == [])
        #expect(judged(0, 1, changed) == [18])
        #expect(judged(after, after, .initial) == [18])
    }

    /// Whatever the state machine answers to random commands, retries, and passing time, the model says the same.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func theModelAgreesWithTheMachine(seed: UInt64) {
        var random = RandomSource(seed: seed)
        var rig = LogRig()
        rig.pulse()
        var heads: [(RequestHead, Command, Operation.Question)] = []
        for _ in 0..<600 {
            let client = Int(random.below(4)) + 1
            let name = ["a", "b", "bc", "c"][Int(random.below(4))]
            let last = rig.log.last.rawValue
            let claim = ClaimID(last - min(last, random.below(30)))
            switch random.below(12) {
            case 0, 1, 2:
                rig.acquire(client, name, ttl: Int64(500 + random.below(3_000)), value: [UInt8(random.below(9))])
            case 3: rig.release(client, claim, random.chance(1, in: 3) ? "" : name)
            case 4:
                rig.renew(
                    client, (0..<3).map { Renewal(claim: ClaimID(claim.rawValue + $0), name: $0 == 0 ? name : "") })
            case 5:
                let head = rig.head(client)
                let update = Update(
                    claim: ClaimReference(claim: claim, name: random.chance(1, in: 2) ? name : ""), value: [1, 2])
                rig.call(client, .update(update), .update(head, update), head.request)
            case 6:
                let head = rig.head(client)
                let target = RequestID(
                    instance: ClientInstance(100 + 1 + random.below(4)),
                    sequence: RequestSequence(1 + random.below(head.request.sequence.rawValue + 3)))
                let cancel = Cancel(target: target, name: name)
                rig.call(client, .cancel(cancel), .cancel(head, cancel), head.request)
            case 7: rig.get(client, name, stale: random.chance(1, in: 2))
            case 8:
                rig.list(
                    client, ["", "b", "bc", "x"][Int(random.below(4))], after: random.chance(1, in: 2) ? "" : "b",
                    limit: Int(random.below(4)))
            case 9:
                // A command that is remembered, and comes again later.
                let head = rig.head(client, settles: false)
                let acquire = Acquire(name: name, holder: "c\(client)", ttl: .seconds(1))
                heads.append((head, .acquire(head, acquire), .acquire(acquire, isKept: false)))
                rig.call(client, .acquire(acquire, isKept: false), .acquire(head, acquire), head.request)
            case 10:
                guard let (_, command, _) = heads.popLast() else { break }
                rig.commit(command)
            default: rig.wait(Int64(random.below(random.chance(1, in: 40) ? 700_000 : 900)))
            }
            if random.chance(1, in: 8) { rig.pulse() }
        }
        let state = LogJudge.State(label: "node 1", page: rig.machine.list(prefix: "", limit: 1_000))
        let judgement = LogJudge.judge(rig.history, rig.log, states: [state])
        #expect(judgement.violations == [])
        #expect(judgement.answersCompared > 400 && judgement.gap == nil)
    }

    @Test func aGrantWithAnotherTokenIsFound() {
        let rig = held()
        let other = Outcome.acquired(
            claim: ClaimID(2), .holding(token: FencingToken(9), validFor: .milliseconds(1_000)))
        #expect(violated(rig.history, rig) == [])
        #expect(violated(rig.lastCall(says: .outcome(other)), rig) == [17])
    }

    @Test func aGrantThatIsValidForLongerThanTheLogSaysIsFound() {
        let rig = held()
        let other = Outcome.acquired(
            claim: ClaimID(2), .holding(token: FencingToken(2), validFor: .milliseconds(1_001)))
        #expect(violated(rig.lastCall(says: .outcome(other)), rig) == [17])
    }

    @Test func aRefusalByWhoDoesNotHoldIsFound() {
        var rig = held()
        rig.acquire(2, "a")
        guard case .outcome(.refused(.held(var held))) = rig.lastAnswer else {
            Issue.record("it was held")
            return
        }
        #expect(violated(rig.history, rig) == [])
        held.token = FencingToken(1)
        #expect(violated(rig.lastCall(says: .outcome(.refused(.held(held)))), rig) == [17])
    }

    @Test func aReleaseThatIsToldOtherwiseThanItWasIsFound() {
        var rig = held()
        rig.release(1, ClaimID(2))
        #expect(violated(rig.history, rig) == [])
        #expect(violated(rig.lastCall(says: .outcome(.released(claim: ClaimID(2), .expired))), rig) == [15])
        #expect(violated(rig.lastCall(says: .outcome(.refused(.claimUnknown))), rig) == [15])
    }

    @Test func aRenewalOfAnEndedClaimThatIsToldToHoldIsFound() {
        var rig = held()
        rig.wait(2_000)
        rig.renew(1, [Renewal(claim: ClaimID(2), name: "a")])
        #expect(rig.lastAnswer == .renewed([.ended(.expired)]))
        #expect(violated(rig.history, rig) == [])
        let holds = ClaimStatus.holding(token: FencingToken(2), validFor: .milliseconds(1_000))
        #expect(violated(rig.lastCall(says: .renewed([holds])), rig) == [15])
        #expect(violated(rig.lastCall(says: .renewed([])), rig) == [15])
    }

    @Test func aRenewalThatNoEntryOfItsTimeHoldsIsFound() {
        var rig = held()
        let items = [Renewal(claim: ClaimID(2), name: "a")]
        rig.renew(1, items)
        guard let answer = rig.lastAnswer else { return }
        rig.wait(10)
        let number = rig.begin(1, .renew(items))
        rig.history.end(number, .done(answer), at: rig.now)
        #expect(violated(rig.history, rig) == [15])
    }

    @Test func aReadThatIsNotWhatTheLogSaysIsFound() {
        var rig = held()
        for isStale in [false, true] {
            rig.get(2, "a", stale: isStale)
            #expect(violated(rig.history, rig) == [])
            guard case .lease(var answer) = rig.lastAnswer else { return }
            answer.lease.holders[0].value = [8]
            #expect(violated(rig.lastCall(says: .lease(answer)), rig) == [18])
            answer.lease.holders = []
            #expect(violated(rig.lastCall(says: .lease(answer)), rig) == [18])
            answer.preface.index = LogIndex(99)
            #expect(violated(rig.lastCall(says: .lease(answer)), rig) == [18])
        }
        rig.list(2, "")
        #expect(violated(rig.history, rig) == [])
        guard case .page(var page) = rig.lastAnswer else { return }
        page.page.leases = []
        #expect(violated(rig.lastCall(says: .page(page)), rig) == [18])
    }

    @Test func aLinearizableReadOfThePastIsFoundAndAStaleOneIsNot() {
        var rig = LogRig()
        rig.pulse()
        let free = LeaseAnswer(preface: ReadPreface(index: LogIndex(1)), lease: rig.machine.lease(named: "a"))
        rig.acquire(1, "a")
        rig.get(2, "a")
        #expect(violated(rig.lastCall(says: .lease(free)), rig) == [18])
        rig.get(2, "a", stale: true)
        rig.history = rig.lastCall(says: .lease(free))
        #expect(violated(rig.history, rig) == [])
    }

    @Test func aReadOfTheFutureIsFound() {
        var rig = held()
        let number = rig.begin(2, .get(name: "b", isStale: true))
        let told = rig.now
        rig.wait(1)
        rig.acquire(1, "b")
        let preface = ReadPreface(index: rig.machine.appliedIndex)
        rig.history.end(
            number, .done(.lease(LeaseAnswer(preface: preface, lease: rig.machine.lease(named: "b")))), at: told)
        #expect(violated(rig.history, rig) == [18])
    }

    /// A core tells no grant of an acquire that is being undone: what it says instead is not the cluster's word.
    @Test(arguments: [false, true]) func aGrantIsToldAsEndedOnlyWhereItsClientHadUndoneIt(isUndone: Bool) {
        var rig = LogRig()
        rig.pulse()
        let head = rig.head(1)
        let acquire = Acquire(name: "a", holder: "c1", ttl: .seconds(1))
        let number = rig.begin(1, .acquire(acquire, isKept: false), head.request)
        if isUndone {
            let cancel = Cancel(target: head.request, name: "a")
            _ = rig.begin(1, .cancel(cancel), rig.head(1, settles: false).request)
        }
        rig.commit(.acquire(head, acquire))
        rig.wait(1)
        let told = Outcome.acquired(claim: ClaimID(2), .ended(.cancelled))
        rig.history.end(number, .done(.outcome(told)), at: rig.now)
        #expect(violated(rig.history, rig) == (isUndone ? [] : [17]))
        // It holds until the cancel comes, if that ever does.
        rig.get(2, "a")
        #expect(LinearJudge().judge(rig.history).violations.isEmpty)
    }

    @Test func whatWasNotDoneAndStandsInTheLogIsFound() {
        var rig = held()
        #expect(violated(rig.lastCall(is: .notDone), rig) == [20])
        #expect(violated(rig.lastCall(is: .unknown), rig) == [])
        rig.release(1, ClaimID(2))
        #expect(violated(rig.lastCall(is: .notDone), rig) == [20])
    }

    @Test func whatWasDoneAndDoesNotStandInTheLogIsFound() {
        var rig = held()
        let acquire = Acquire(name: "b", holder: "c1", ttl: .seconds(1))
        let number = rig.begin(1, .acquire(acquire, isKept: false), rig.head(1).request)
        let outcome = Outcome.acquired(
            claim: ClaimID(3), .holding(token: FencingToken(3), validFor: .milliseconds(1_000)))
        rig.history.end(number, .done(.outcome(outcome)), at: rig.now)
        #expect(violated(rig.history, rig) == [20])
    }

    @Test func anEffectBeforeItsRequestIsFound() {
        var rig = LogRig()
        rig.pulse()
        let head = rig.head(1)
        let acquire = Acquire(name: "a", holder: "c1", ttl: .seconds(1))
        let (outcome, _) = rig.commit(.acquire(head, acquire))
        rig.wait(1)
        let number = rig.begin(1, .acquire(acquire, isKept: false), head.request)
        rig.history.end(number, outcome.map { .done(.outcome($0)) } ?? .unknown, at: rig.now)
        #expect(Set(violated(rig.history, rig)) == [20, 17])
    }

    @Test func newsThatNoRenewalSaidIsFound() {
        var rig = held()
        rig.renew(1, [Renewal(claim: ClaimID(2), name: "a")])
        func told(_ news: Telling.News) -> [Int] {
            var history = rig.history
            history.tell(Telling(client: 1, at: rig.now, name: "a", token: FencingToken(2), news: news))
            return violated(history, rig)
        }
        #expect(told(.held(until: rig.now + 5)) == [])
        #expect(told(.ended(.expired)) == [15])
        #expect(told(.unknown) == [15])
    }

    @Test func aNodeWithAnotherStateIsFound() {
        var rig = held()
        rig.acquire(2, "b")
        var page = rig.machine.list(prefix: "", limit: 1_000)
        page.leases[1].holders[0].ttl = .seconds(9)
        let judgement = LogJudge.judge(
            rig.history, rig.log, states: [LogJudge.State(label: "node 3", page: page)])
        #expect(judgement.violations.map(\.property) == [17])
        #expect(judgement.violations.first?.process == "node 3")
    }

    @Test func anEntryThatNobodySawIsSaid() {
        var rig = held()
        var holed = CommittedLog()
        for entry in rig.log.entries.compactMap(\.self) where entry.header.index != LogIndex(2) {
            let payload = rig.log.payload(of: entry)
            unsafe holed.note(entry.header, payload: payload.span.bytes, at: rig.log.appliedAt(entry.header.index) ?? 0)
        }
        rig.get(2, "a")
        rig.pulse()
        let header = EntryHeader(
            index: LogIndex(3), term: Term(1), logTime: rig.logTime, wallTime: .zero, kind: .empty, payloadCount: 0)
        unsafe holed.note(header, payload: [UInt8]().span.bytes, at: rig.now)
        let judgement = LogJudge.judge(rig.history, holed)
        #expect(judgement.gap == LogIndex(2) && judgement.violations == [])
    }
}
