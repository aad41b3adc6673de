/// How each kind of fault usually is, before a plan scales it.
extension FaultRule {
    /// The usual rule of a kind: seldom enough that a cluster works between two faults, often enough that several meet.
    static func usual(_ kind: FaultKind) -> FaultRule {
        switch kind {
        case .loss: FaultRule(kind, perThousandSeconds: 40, lasts: 1_000...20_000, strength: 10...1_500)
        case .duplication: FaultRule(kind, perThousandSeconds: 40, lasts: 1_000...20_000, strength: 10...1_500)
        case .replay: FaultRule(kind, perThousandSeconds: 30, lasts: 1_000...20_000, strength: 10...500)
        case .reordering: FaultRule(kind, perThousandSeconds: 40, lasts: 1_000...20_000, strength: 10...3_000)
        case .delay: FaultRule(kind, perThousandSeconds: 30, lasts: 1_000...10_000, strength: 1...300)
        case .corruption: FaultRule(kind, perThousandSeconds: 30, lasts: 1_000...10_000, strength: 10...300)
        case .clog: FaultRule(kind, perThousandSeconds: 40, lasts: 100...3_000)
        case .split: FaultRule(kind, perThousandSeconds: 60, lasts: 100...8_000, cooldown: 500)
        case .oneWay: FaultRule(kind, perThousandSeconds: 50, lasts: 100...8_000)
        case .bridge: FaultRule(kind, perThousandSeconds: 40, lasts: 500...8_000)
        case .ring: FaultRule(kind, perThousandSeconds: 20, lasts: 500...8_000)
        case .flapping:
            FaultRule(kind, perThousandSeconds: 20, lasts: 2_000...10_000, cooldown: 3_000, strength: 100...1_500)
        case .reset: FaultRule(kind, perThousandSeconds: 80, lasts: 0...0)
        case .crash: FaultRule(kind, perThousandSeconds: 60, lasts: 1...6_000)
        case .powerLoss: FaultRule(kind, perThousandSeconds: 60, lasts: 1...6_000)
        case .powerLossAtWrite, .crashAtWrite:
            FaultRule(kind, perThousandSeconds: 60, lasts: 100...5_000, strength: 1...40)
        case .gracefulStop: FaultRule(kind, perThousandSeconds: 40, lasts: 100...4_000)
        case .pause: FaultRule(kind, perThousandSeconds: 80, lasts: 10...5_000)
        case .suspension: FaultRule(kind, perThousandSeconds: 40, lasts: 10...5_000)
        case .slowness: FaultRule(kind, perThousandSeconds: 30, lasts: 1_000...10_000, strength: 1...60)
        case .wipe: FaultRule(kind, perThousandSeconds: 15, lasts: 100...5_000, cooldown: 20_000)
        case .slowDisk: FaultRule(kind, perThousandSeconds: 40, lasts: 1_000...10_000, strength: 2...200)
        case .stalledDisk: FaultRule(kind, perThousandSeconds: 40, lasts: 100...6_000)
        case .writeError, .syncError, .readError: FaultRule(kind, perThousandSeconds: 30, lasts: 500...3_000)
        case .fullDisk: FaultRule(kind, perThousandSeconds: 30, lasts: 500...15_000, strength: 0...120_000)
        case .shortReads: FaultRule(kind, perThousandSeconds: 40, lasts: 1_000...10_000, strength: 100...5_000)
        case .rot, .misdirectedWrite, .lostWrite:
            FaultRule(kind, perThousandSeconds: 15, lasts: 100...5_000, cooldown: 10_000)
        case .rate: FaultRule(kind, perThousandSeconds: 40, lasts: 500...15_000, strength: -500_000...900_000)
        case .wallJump: FaultRule(kind, perThousandSeconds: 40, lasts: 0...0, strength: -1_000_000...1_000_000)
        case .steadyJump: FaultRule(kind, perThousandSeconds: 40, lasts: 0...0, strength: 1...20_000)
        case .clientCrash: FaultRule(kind, perThousandSeconds: 80, lasts: 1...3_000)
        case .clientPause: FaultRule(kind, perThousandSeconds: 80, lasts: 20...6_000)
        case .clientSuspension: FaultRule(kind, perThousandSeconds: 60, lasts: 20...8_000)
        }
    }

    /// The rule, scaled by some tenths in how often and by others in how bad.
    func scaled(often: Int, bad: Int) -> FaultRule {
        var rule = self
        rule.perThousandSeconds = max(1, perThousandSeconds * often / 10)
        if strengthAtLeast >= 0 {
            rule.strengthAtMost = max(strengthAtLeast, strengthAtMost * bad / 10)
        }
        return rule
    }
}
