import LeaseMachine
import LeaseholdBase

/// Values with something in every field.
enum Fixtures {
    static let head = RequestHead(
        request: RequestID.of(0x0102_0304_0506_0708, 9), lowestUnanswered: RequestSequence(5),
        newestSeen: LogTime(77), principal: "who")

    static let commands: [Command] = [
        .acquire(
            head,
            Acquire(
                name: "jobs/é", holder: "host:1", ttl: .seconds(15), value: [1, 2, 255], capacity: 3,
                wait: .upTo(.seconds(2)), lockDelay: .seconds(4))),
        .acquire(head, Acquire(name: "n", holder: "h", ttl: .milliseconds(500))),
        .acquire(head, Acquire(name: "n", holder: "h", ttl: .seconds(1), wait: .forEver)),
        .renew([]),
        .renew([
            Renewal(claim: ClaimID(1)), Renewal(claim: ClaimID(.max), name: "n", principal: "p"),
            Renewal(claim: ClaimID(3), name: "longer name"),
        ]),
        .renew((1...40).map { Renewal(claim: ClaimID($0)) }),
        .release(head, ClaimReference(claim: ClaimID(4), name: "n")),
        .release(head, ClaimReference(claim: ClaimID(4))),
        .cancel(head, Cancel(target: RequestID.of(1, 2), name: "n")),
        .update(head, Update(claim: ClaimReference(claim: ClaimID(4), name: "n"), value: [9, 8, 7])),
        .settings(head, SettingKey.allCases.map { SettingChange($0, 12) }),
    ]

    static let errors: [LeaseError] = [
        .nameInvalid, .holderInvalid, .valueTooLong,
        .ttlOutOfRange(minimum: .milliseconds(500), maximum: .seconds(86_400)), .capacityMismatch, .notSupported,
        .held(LeaseError.Held(name: "n", holder: "é", token: FencingToken(3), remaining: .seconds(2))),
        .claimUnknown, .ended(.expired), .tooOld, .requestReused, .overloaded,
        .quarantined(remaining: .seconds(7)), .malformed, .settingInvalid,
    ]

    static let statuses: [ClaimStatus] =
        [
            .waiting(position: 7), .holding(token: FencingToken(8), validFor: .seconds(3)),
            .ending(.broken, validFor: .seconds(1)), .unknown,
        ] + EndReason.allCases.map { .ended($0) }

    static let outcomes: [Outcome] =
        statuses.map { .acquired(claim: ClaimID(5), $0) } + errors.map { .refused($0) }
        + EndReason.allCases.map { .released(claim: ClaimID(6), $0) } + [
            .renewed, .cancelled(.ended(claim: ClaimID(7))), .cancelled(.remembered),
            .cancelled(.hadEnded(claim: ClaimID(8), .expired)), .cancelled(.nothing), .updated(claim: ClaimID(9)),
            .settingsChanged,
        ]

    static let page = LeasePage(
        leases: [
            LeaseView(name: "empty", capacity: 1, holders: [], waiters: 0),
            LeaseView(
                name: "é", capacity: 2,
                holders: [
                    LeaseView.Holder(
                        claim: ClaimID(1), token: FencingToken(2), holder: "h", value: [1], ttl: .seconds(3),
                        remaining: .seconds(2)),
                    LeaseView.Holder(
                        claim: ClaimID(4), token: FencingToken(4), holder: "i", value: [], ttl: .seconds(3),
                        remaining: .seconds(1)),
                ], waiters: 3),
        ], hasMore: true, index: LogIndex(99))
}
