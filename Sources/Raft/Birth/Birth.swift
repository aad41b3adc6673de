public import LeaseholdBase

/// A node with an empty log, before there is a cluster or before it has heard of it.
///
/// A cluster is born once. Nodes show themselves to all others listed; when the lowest id has seen every one of them
/// with an empty directory it makes the birth entry, and only when that is durable does it tell anyone of it. A node
/// stores the first birth it is told, for good: of two births at most one can be held by a majority. Nobody votes
/// before.
///
/// What keeps a wiped majority from being born anew (trap 36): the node that was not wiped has a birth entry, never
/// shows an empty directory again, and so is missing for ever from the list of the empty ones. And it tells the wiped
/// ones that their incarnation is not the one it knows.
///
/// A presence counts only if it names the incarnation of the node that counts it: it was then sent after its sender had
/// heard of this very directory, and is no leftover of the days of an earlier one. It counts for a while only: a
/// directory may be emptied and started anew while others are awaited.
public struct Birth: Sendable {
    /// A listed node as last seen.
    struct Sighting: Hashable, Sendable {
        let id: NodeID
        var incarnation = Incarnation.unknown
        /// When it last showed itself empty, to this very incarnation, with the same list.
        var countedAt: SteadyTime?
    }

    enum Stage: Hashable, Sendable {
        case gathering
        case storing(BirthEntry)
        case born(BirthEntry)
        case refused
    }

    /// For how many intervals a presence counts.
    static let presenceIntervals: Int64 = 20

    /// What this node was told.
    public let configuration: BirthConfiguration
    private let listed: [NodeID]
    private var stage = Stage.gathering
    private var sightings: [Sighting]
    private var random: RandomSource
    private var nextPresence: SteadyTime
    #if PLANTED_BUGS
    private var began = SteadyTime.never
    #endif

    /// A node with an empty log; nil when the list has not this node in it, or names one twice, or is too long.
    public init?(configuration: BirthConfiguration, seed: UInt64, now: TimeReading) {
        let ids = configuration.listed.map(\.id)
        guard ids.contains(configuration.id) else { return nil }
        guard
            Membership(clusterID: .unborn, members: configuration.listed, voters: ids) != nil
        else { return nil }
        self.configuration = configuration
        listed = ids.sorted()
        sightings = listed.filter { $0 != configuration.id }.map { Sighting(id: $0) }
        random = RandomSource(seed: seed)
        nextPresence = now.steady
        #if PLANTED_BUGS
        began = now.steady
        #endif
    }

    /// When the node is to be told the time at the latest.
    public var deadline: SteadyTime { stage == .gathering ? nextPresence : .never }

    /// The birth entry once it is stored.
    public var entry: BirthEntry? { if case .born(let entry) = stage { entry } else { nil } }

    /// The listed nodes that have not shown an empty directory yet; whom a node of the lowest id waits for.
    public var awaited: [NodeID] { sightings.filter { $0.countedAt == nil }.map(\.id) }

    /// Takes one event.
    public mutating func step(_ event: BirthEvent, now: TimeReading, into effects: inout [BirthEffect]) {
        switch (event, stage) {
        case (.tick, .gathering):
            guard now.steady >= nextPresence else { break }
            nextPresence = now.steady + configuration.interval
            for sighting in sightings { show(to: sighting, into: &effects) }
        case (.received(let sender, .presence(let list, let incarnation, let heard)), .gathering):
            see(sender, list, incarnation, heard, now.steady, into: &effects)
        case (.received(let sender, .born(let payload)), .gathering):
            takeBirth(payload, from: sender, into: &effects)
        case (.received(let sender, .refused(let refusal)), .gathering):
            if refusal != .listsDiffer { stage = .refused }
            effects.append(.refused(by: sender, refusal))
        case (.received(let sender, .presence(_, let incarnation, _)), .born(let entry)):
            let answer = Self.answer(
                toPresenceOf: sender, incarnation, membership: entry.membership, birthPayload: entry.payload)
            effects.append(.send(to: sender, answer))
        case (.stored, .storing(let entry)):
            // Told to all who wait, now that it cannot be forgotten; who misses it asks again.
            stage = .born(entry)
            for sighting in sightings {
                effects.append(.send(to: sighting.id, .born(payload: entry.payload)))
            }
            effects.append(.born(entry))
        default: break
        }
        conceive(now.steady, into: &effects)
    }

    /// What a node that is born answers to one that shows an empty directory, by its effective membership: the birth
    /// entry if it knows the id by that very incarnation, else a refusal.
    ///
    /// However long the cluster's log is by then: that incarnation has voted for nothing and acknowledged nothing.
    public static func answer(
        toPresenceOf sender: NodeID, _ incarnation: Incarnation, membership: Membership, birthPayload: [UInt8]
    ) -> BirthMessage {
        guard let member = membership.member(sender) else { return .refused(.unknownMember) }
        return member.incarnation == incarnation ? .born(payload: birthPayload) : .refused(.otherIncarnation)
    }

    private func show(to sighting: Sighting, into effects: inout [BirthEffect]) {
        let presence = BirthMessage.presence(
            listed: listed, incarnation: configuration.incarnation, heard: sighting.incarnation)
        effects.append(.send(to: sighting.id, presence))
    }

    /// A node shows an empty directory.
    private mutating func see(
        _ sender: NodeID, _ list: [NodeID], _ incarnation: Incarnation, _ heard: Incarnation, _ now: SteadyTime,
        into effects: inout [BirthEffect]
    ) {
        guard list.sorted() == listed, let position = sightings.firstIndex(where: { $0.id == sender }) else {
            effects.append(.send(to: sender, .refused(.listsDiffer)))
            return
        }
        guard incarnation != .unknown else { return }
        let isNew = sightings[position].incarnation != incarnation
        if isNew { sightings[position] = Sighting(id: sender, incarnation: incarnation) }
        if heard == configuration.incarnation { sightings[position].countedAt = now }
        // Answered at once when there is news, so that a birth takes two messages and not two intervals.
        if isNew { show(to: sightings[position], into: &effects) }
    }

    /// A born node tells of the cluster.
    private mutating func takeBirth(
        _ payload: [UInt8], from sender: NodeID, into effects: inout [BirthEffect]
    ) {
        guard let membership = unsafe try? Membership(payload: payload.span.bytes) else { return }
        guard membership.member(configuration.id)?.incarnation == configuration.incarnation else {
            stage = .refused
            effects.append(.refused(by: sender, .otherIncarnation))
            return
        }
        store(BirthEntry(membership), into: &effects)
    }

    /// The lowest id makes the birth entry once everybody is known to be empty.
    private mutating func conceive(_ now: SteadyTime, into effects: inout [BirthEffect]) {
        guard stage == .gathering, listed.first == configuration.id else { return }
        let span = configuration.interval * Self.presenceIntervals
        for sighting in sightings {
            #if PLANTED_BUGS
            // Who has not been seen for so long is taken for lost.
            if planted(.wipedQuorumBornAnew), now - began > span, awaited.count * 2 < listed.count { continue }
            #endif
            guard let countedAt = sighting.countedAt, now - countedAt <= span else { return }
        }
        let members = configuration.listed.map { listed in
            var member = listed
            member.incarnation =
                sightings.first { $0.id == listed.id }?.incarnation ?? configuration.incarnation
            return member
        }
        let clusterID = ClusterID(high: random.next() | 1, low: random.next())
        guard let membership = Membership(clusterID: clusterID, members: members, voters: listed) else { return }
        store(BirthEntry(membership), into: &effects)
    }

    private mutating func store(_ entry: BirthEntry, into effects: inout [BirthEffect]) {
        stage = .storing(entry)
        effects.append(.store(entry))
    }
}

extension RaftRecovery {
    /// The birth entry is stored: what recovery from it finds.
    public mutating func birth(_ entry: BirthEntry) throws(RecoveryError) {
        try hardState(term: entry.hardState.term, votedFor: entry.hardState.votedFor)
        unsafe try append(entry.header, payload: entry.payload.span.bytes)
    }
}
