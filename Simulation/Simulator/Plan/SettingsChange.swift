import LeaseMachine
import LeaseholdBase

/// A change of replicated settings, asked for by a client at some time.
public struct SettingsChange: Codable, Hashable, Sendable {
    /// A setting and its value.
    public struct Setting: Codable, Hashable, Sendable {
        /// Its number in the log's format.
        public var key: UInt16
        /// What it is changed to; lengths of time in nanoseconds.
        public var value: UInt64
    }

    /// When, in milliseconds.
    public var at: Int
    /// Which client asks for it, from 0.
    public var client: Int
    /// What is changed, all at once or not at all: it may be out of range.
    public var settings: [Setting]

    /// Whether every setting is one that this build knows: a node that is told of another has to stop.
    public var isKnown: Bool {
        settings.allSatisfy { setting in
            guard let key = SettingKey(rawValue: setting.key) else { return false }
            return key != .level || setting.value <= Settings.knownLevel
        }
    }

    /// Only so many of the latest ends are remembered from then on.
    public static func remembering(endings: UInt64, at: Int, askedBy client: Int) -> SettingsChange {
        let setting = Setting(key: SettingKey.endings.rawValue, value: endings)
        return SettingsChange(at: at, client: client, settings: [setting])
    }

    /// What a client sends.
    var command: [SettingChange] { settings.map { SettingChange(key: $0.key, value: $0.value) } }
}

extension Plan {
    /// Small limits of what is remembered and of what there may be, so that they are reached. In half of the runs.
    mutating func drawChanges(_ random: inout RandomSource) {
        guard clients > 0, random.chance(1, in: 2) else { return }
        for _ in 0..<random.integer(in: 1...4) {
            let (at, client) = (random.integer(in: 0...trouble * 3 / 4), random.integer(in: 0...clients - 1))
            var own = random.fork()
            let settings = drawSettings(&own)
            if !settings.isEmpty { changes.append(SettingsChange(at: at, client: client, settings: settings)) }
        }
        changes.sort { ($0.at, $0.client) < ($1.at, $1.client) }
    }

    private func drawSettings(_ random: inout RandomSource) -> [SettingsChange.Setting] {
        var settings: [SettingsChange.Setting] = []
        func milliseconds(_ range: ClosedRange<Int>) -> UInt64 { UInt64(random.integer(in: range)) * 1_000_000 }
        func number(_ range: ClosedRange<Int>) -> UInt64 { UInt64(random.integer(in: range)) }
        for key in SettingKey.allCases {
            // Drawn for every setting, so that another rule about one leaves the others as they are.
            let isOn = random.chance(1, in: 3)
            let value: UInt64
            switch key {
            case .level: continue
            case .expiriesPerEntry: value = number(1...2)
            case .ttlMinimum: value = milliseconds(500...1_500)
            case .ttlMaximum: value = milliseconds(1_000...12_000)
            case .retention: value = milliseconds(1_000...(isOn ? 15_000 : 4_000))
            case .pulse: value = milliseconds(50...500)
            case .claims: value = number(1...work.names)
            case .instances: value = number(clients...2 * clients)
            case .requestsPerInstance: value = number(2...8)
            case .endings: value = number(1...12)
            }
            if isOn { settings.append(.init(key: key.rawValue, value: value)) }
        }
        // Where there is room for few clients, those that are gone must not be remembered for long.
        let limitsInstances = settings.contains { $0.key == SettingKey.instances.rawValue }
        let retention = milliseconds(1_000...4_000)
        if limitsInstances {
            settings.removeAll { $0.key == SettingKey.retention.rawValue }
            settings.append(.init(key: SettingKey.retention.rawValue, value: retention))
        }
        return settings
    }

    /// How quick elections are: never quicker than the network and the disks allow for. A leader whose batch takes half an
    /// election timeout hands over (trap 26), and a batch behind another one that begins a segment takes five calls.
    mutating func drawTimeouts(_ random: inout RandomSource) {
        let (isOn, timeout, part) = (random.chance(1, in: 3), random.integer(in: 150...500), random.integer(in: 5...12))
        let tail = network.tailPerTenThousand > 0 ? network.tail : 0
        let least = (4 * (network.latencyAtMost + process.turnDelayAtMost) + 12 * disk.timeAtMost + 3 * tail) / 1_000
        if isOn {
            process.electionTimeout = min(500, max(timeout, least))
            process.heartbeat = process.electionTimeout / part
        }
        let (isSmall, bytes) = (random.chance(1, in: 6), 64 << random.integer(in: 0...6))
        if isSmall { process.uncommittedBytes = bytes }
    }
}
