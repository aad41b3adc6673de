import LeaseMachine
import LeaseholdBase
import Raft

@testable import Simulator

/// Grants, beliefs, reads, writes and bounds that cannot be, and some that can.
enum DoctoredClaims {
    static let stories: [DoctoredStory] = claims + beliefs + resources + bounds + statuses

    static let claims: [DoctoredStory] = [
        .init(12, "a lease is granted while its claim lives") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.grant(6, 500, &$0)
        },
        .init(12, "a claim ends before its deadline in log time") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.expire(5, 6, 999, at: 3_000, &$0)
        },
        .init(12, "a claim ends before its end in true time") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.expire(5, 6, 1_000, at: 980, &$0)
        },
        .init(12, "a renewed claim ends as if it were not") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.renew(5, 6, 800, &$0)
            bench.expire(5, 7, 1_100, &$0)
        },
        .init(12, "a claim that began after a clock was right again ends before its end") {
            var bench = ClaimBench()
            bench.ledger.clocksWrongUntil = 1_000_000
            bench.grant(5, 2, &$0)
            bench.expire(5, 6, 1_002, at: 980, &$0)
        },
        .init(nil, "a claim that began while a clock was wrong ends before its end") {
            var bench = ClaimBench()
            bench.ledger.clocksWrongUntil = 1_000_000
            bench.grant(5, 1, &$0)
            bench.expire(5, 6, 1_001, at: 500, &$0)
        },
        .init(13, "a name's token goes back") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.expire(5, 6, 1_000, &$0)
            bench.grant(4, 1_100, &$0)
        },
        .init(13, "a token is not the entry's index") {
            var bench = ClaimBench()
            bench.grant(5, 0, token: 9, &$0)
        },
        .init(15, "a claim that has ended is renewed") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.expire(5, 6, 1_000, &$0)
            bench.renew(5, 7, 1_100, &$0)
        },
        .init(15, "a claim is renewed behind its deadline") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.renew(5, 7, 1_000, &$0)
        },
        .init(15, "a claim is renewed by another name") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.renew(5, 7, 100, name: "b", &$0)
        },
        .init(15, "a living claim is refused") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.renew(5, 7, 100, says: .ended(.expired), &$0)
        },
        .init(15, "a release ends another claim") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.release(5, by: 4, 6, &$0)
        },
        .init(15, "a claim ends twice") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.release(5, 6, &$0)
            bench.release(5, 7, &$0)
        },
        .init(15, "a cancel ends another's claim") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            let other = RequestID(instance: ClientInstance(7), sequence: RequestSequence(4))
            let command = Command.cancel(ClaimBench.head(6), Cancel(target: other, name: "a"))
            bench.ledger.end(ClaimID(5), .cancelled, ClaimBench.entry(6, 100), command, &$0)
        },
        .init(20, "a request is granted twice") {
            var bench = ClaimBench()
            bench.grant(5, 0, request: 3, &$0)
            bench.release(5, 6, &$0)
            bench.grant(7, 200, request: 3, &$0)
        },
        .init(16, "an abandoned lease does not come free") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            $0.now = 9_000_000_000
            bench.ledger.judgeDelay(since: 0, logTimeThen: 0, bounds: .init(), &$0) { _ in 0 }
        },
        .init(16, "an abandoned lease takes longer than its TTL though a leader was there all the time") {
            var bench = ClaimBench()
            bench.grant(5, 10_000, &$0)
            $0.now = 14_000_000_000
            bench.ledger.judgeDelay(since: 0, logTimeThen: 0, bounds: .init(), &$0) { $0 > 10_000_000_000 ? 1 : 0 }
        },
        .init(16, "every change of leader begins its TTL anew") {
            var bench = ClaimBench()
            bench.grant(5, 0, ttl: 60_000, &$0)
            $0.now = 90_000_000_000
            bench.ledger.judgeDelay(
                since: 20_000_000_000, logTimeThen: 19_000_000_000, bounds: .init(), &$0
            ) { _ in 3 }
        },
        .init(nil, "leases are granted, renewed, released and run out") {
            var bench = ClaimBench()
            bench.grant(5, 0, &$0)
            bench.renew(5, 6, 900, &$0)
            bench.grant(7, 950, name: "b", &$0)
            bench.expire(5, 8, 1_900, at: 1_891, &$0)
            bench.renew(5, 9, 1_910, says: .ended(.expired), &$0)
            bench.grant(10, 1_920, &$0)
            bench.release(10, 11, &$0)
            bench.expire(7, 12, 1_950, &$0)
            $0.now = 90_000_000_000
            bench.ledger.judgeDelay(since: 0, logTimeThen: 0, bounds: .init(), &$0) { _ in 0 }
        },
        .init(nil, "an abandoned lease waits for its deadline, and for leaders") {
            var bench = ClaimBench()
            bench.grant(5, 0, ttl: 60_000, &$0)
            $0.now = 60_000_000_000
            bench.ledger.judgeDelay(since: 0, logTimeThen: 0, bounds: .init(), &$0) { _ in 0 }
            $0.now = 75_000_000_000
            bench.ledger.judgeDelay(since: 0, logTimeThen: 0, bounds: .init(), &$0) { _ in 4 }
        },
    ]

    static let beliefs: [DoctoredStory] = [
        .init(11, "two clients believe at once") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            $0.now = 99
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: 200, &$0)
        },
        .init(11, "one client believes in two claims at once") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            $0.now = 99
            beliefs.begin("a", FencingToken(6), of: 3, "client 1", until: 200, &$0)
        },
        .init(11, "a client goes on believing when another has begun") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            $0.now = 100
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: 200, &$0)
            $0.now = 150
            beliefs.extend("a", FencingToken(5), of: 3, "client 1", until: 180, &$0)
        },
        .init(11, "the end of an older claim is no end of the newer one") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            $0.now = 100
            beliefs.begin("a", FencingToken(6), of: 3, "client 1", until: 200, &$0)
            beliefs.end("a", FencingToken(5), of: 3, "client 1", isTakenAway: false, &$0)
            $0.now = 150
            beliefs.begin("a", FencingToken(7), of: 4, "client 2", until: 300, &$0)
        },
        .init(11, "a third belief does not hide the first") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 900, &$0)
            beliefs.clocks.misled(3)
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: 200, &$0)
            $0.now = 10
            beliefs.begin("a", FencingToken(7), of: 5, "client 3", until: 300, &$0)
        },
        .init(11, "another client's wrong clock explains nothing") {
            var beliefs = Beliefs()
            beliefs.clocks.misled(4)
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: 200, &$0)
        },
        .init(11, "a clock that was wrong long ago explains nothing") {
            var beliefs = Beliefs()
            beliefs.clocks.misled(3)
            beliefs.clocks.mended(3, at: 1_000)
            $0.now = 2_000 + ClockTrust.longestRequest
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: $0.now + 100, &$0)
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: $0.now + 100, &$0)
        },
        .init(12, "a client is told too early that its lease is over") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            beliefs.end("a", FencingToken(5), of: 3, "client 1", isTakenAway: true, &$0)
        },
        .init(13, "a client is told a token that is not greater") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            beliefs.end("a", FencingToken(5), of: 3, "client 1", isTakenAway: false, &$0)
            beliefs.begin("a", FencingToken(5), of: 4, "client 2", until: 100, &$0)
        },
        .init(nil, "beliefs follow one another") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            $0.now = 90
            beliefs.extend("a", FencingToken(5), of: 3, "client 1", until: 150, &$0)
            beliefs.begin("b", FencingToken(6), of: 4, "client 2", until: 200, &$0)
            $0.now = 150
            beliefs.begin("a", FencingToken(7), of: 4, "client 2", until: 200, &$0)
            beliefs.end("a", FencingToken(7), of: 4, "client 2", isTakenAway: false, &$0)
            beliefs.begin("a", FencingToken(8), of: 3, "client 1", until: 200, &$0)
        },
        .init(nil, "who has a wrong clock may believe for too long") {
            var beliefs = Beliefs()
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            beliefs.clocks.misled(3)
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: 200, &$0)
            beliefs.end("a", FencingToken(5), of: 3, "client 1", isTakenAway: true, &$0)
        },
        .init(nil, "while a node's clock is wrong everybody may be misled") {
            var beliefs = Beliefs()
            beliefs.clocks = ClockTrust(nodes: 3, clients: 2)
            beliefs.clocks.misled(1)
            beliefs.begin("a", FencingToken(5), of: 3, "client 1", until: 100, &$0)
            beliefs.begin("a", FencingToken(6), of: 4, "client 2", until: 200, &$0)
        },
        .init(18, "a read misses what was committed when it was asked") {
            ReadRule.judge("a", readAt: LogIndex(8), committedWhenAsked: LogIndex(9), by: "client 1", &$0)
        },
        .init(18, "a read misses a tenure that is believed in") {
            ReadRule.judge("a", holders: [FencingToken(5)], believed: FencingToken(7), by: "client 1", &$0)
        },
        .init(nil, "reads see what they must") {
            ReadRule.judge("a", readAt: LogIndex(9), committedWhenAsked: LogIndex(9), by: "client 1", &$0)
            ReadRule.judge("a", holders: [FencingToken(5)], believed: FencingToken(5), by: "client 1", &$0)
            ReadRule.judge("a", holders: [], believed: nil, by: "client 1", &$0)
        },
    ]

    static let resources: [DoctoredStory] = [
        .init(14, "an older tenure's write is taken: its token is the greater") {
            var resources = FencedResources()
            resources.write("a", FencingToken(5), tenure: 2, isBelieved: true, "client 1", &$0)
            resources.write("a", FencingToken(9), tenure: 1, isBelieved: false, "client 2", &$0)
        },
        .init(14, "who believes is refused") {
            var resources = FencedResources()
            resources.write("a", FencingToken(9), tenure: 2, isBelieved: true, "client 1", &$0)
            resources.write("a", FencingToken(8), tenure: 3, isBelieved: true, "client 2", &$0)
        },
        .init(14, "with wrong clocks too, an older tenure's write is not taken") {
            var resources = FencedResources()
            resources.write("a", FencingToken(5), tenure: 2, isBelieved: false, "client 1", &$0)
            resources.write("a", FencingToken(5), tenure: 1, isBelieved: false, "client 2", &$0)
        },
        .init(nil, "who wakes late is refused, and others' resources are others'") {
            var resources = FencedResources()
            resources.write("a", FencingToken(5), tenure: 1, isBelieved: true, "client 1", &$0)
            resources.write("a", FencingToken(5), tenure: 1, isBelieved: false, "client 1", &$0)
            resources.write("a", FencingToken(9), tenure: 2, isBelieved: true, "client 2", &$0)
            resources.write("a", FencingToken(5), tenure: 1, isBelieved: false, "client 1", &$0)
            resources.write("b", FencingToken(6), tenure: 1, isBelieved: true, "client 3", &$0)
        },
    ]

    static let bounds: [DoctoredStory] = [
        .init(23, "terms grow without bound") {
            var livelock = Livelock()
            for second in 10...40 as ClosedRange<UInt64> {
                $0.now = second * 1_000_000_000
                livelock.sample(wellSince: 0, newest: Term(second), &$0)
            }
        },
        .init(nil, "terms grow while no majority is well") {
            var livelock = Livelock()
            for second in 10...40 as ClosedRange<UInt64> {
                $0.now = second * 1_000_000_000
                livelock.sample(wellSince: ($0.now / 15) * 14, newest: Term(second), &$0)
            }
        },
        .init(nil, "an election now and then") {
            var livelock = Livelock()
            for second in 10...60 as ClosedRange<UInt64> {
                $0.now = second * 1_000_000_000
                livelock.sample(wellSince: 0, newest: Term(second / 12), &$0)
            }
        },
        .init(nil, "hand-overs that operators ask for") {
            var livelock = Livelock()
            for second in 10...40 as ClosedRange<UInt64> {
                $0.now = second * 1_000_000_000
                livelock.leadersAsked += 1
                livelock.sample(wellSince: 0, newest: Term(second), &$0)
            }
        },
        .init(23, "more terms than operators ask for") {
            var livelock = Livelock()
            for second in 10...40 as ClosedRange<UInt64> {
                $0.now = second * 1_000_000_000
                livelock.leadersAsked += 1
                livelock.sample(wellSince: 0, newest: Term(2 * second), &$0)
            }
        },
        .init(24, "a table is beyond its limit") {
            Bounds.judge(.init(name: "links", value: 8, limit: 7), of: "node 1", &$0)
        },
        .init(nil, "a table is at its limit") {
            Bounds.judge(.init(name: "links", value: 7, limit: 7), of: "node 1", &$0)
        },
    ]
}
