/// What can go wrong. Names are part of the replay format.
public enum FaultKind: String, Codable, CaseIterable, Hashable, Sendable {
    // MARK: The network. Scope: the places, toward `others` (all when that is empty), both ways unless it says one-way.
    // Where nothing passes, faults of even number lose what is sent, and connections stand half open; those of odd number
    // keep it from arriving, and it comes late, or the connection ends, when something passes again.

    /// Packets are lost, `strength` of ten thousand.
    case loss
    /// Packets arrive twice, `strength` of ten thousand.
    case duplication
    /// Packets of earlier are sent once more on their connection, `strength` of ten thousand.
    case replay
    /// Packets overtake one another, `strength` of ten thousand.
    case reordering
    /// Packets are late by up to `strength` milliseconds.
    case delay
    /// Bits of packets are turned over, `strength` of ten thousand packets: below the codec.
    case corruption
    /// Nothing passes, and all of it arrives when the fault ends; beyond a queue's bound the connection breaks.
    case clog
    /// Nothing passes between the places and the others.
    case split
    /// Nothing passes from the places to the others.
    case oneWay
    /// Two nodes do not reach each other, and both reach the rest (trap 9).
    case bridge
    /// Every node reaches its two neighbours in a ring and no other: each sees a majority, and no two the same.
    case ring
    /// A split that comes and goes every `strength` milliseconds.
    case flapping
    /// All connections of the places end at once; every other far end is not told.
    case reset

    // MARK: Processes of nodes

    /// The process ends; the machine keeps what was written. It starts again when the fault ends.
    case crash
    /// The machine loses its power: what was not synced is kept, lost or torn, and nobody is told. Until it starts again
    /// nothing answers, not even dials; after that whoever uses an old connection is told that it has ended.
    case powerLoss
    /// The power is lost before, in the middle of or after the `strength`th call of the disk from now that changes
    /// something, and when the fault ends at the latest.
    case powerLossAtWrite
    /// The operator asks the node to end, and starts it when it has.
    case gracefulStop
    /// The process is stopped by a signal; its clock runs on, and its machine takes in connections and bytes for it.
    case pause
    /// The machine is suspended together with its steady clock: nothing of it answers, and what is sent to it comes later.
    case suspension
    /// Every turn of the process takes up to `strength` milliseconds longer.
    case slowness
    /// The power is lost and the directory is empty at the next start; the node must refuse, and stays away for good.
    case wipe

    // MARK: Disks

    /// Every call takes `strength` times as long: those of a start, those that the loop makes and waits for, and those of
    /// threads.
    case slowDisk
    /// No sync completes until the fault ends, on whichever thread; with an odd number nothing else does either, and the
    /// loop stands still at its next write.
    case stalledDisk
    /// The next write fails.
    case writeError
    /// The next sync fails, and what was written passes for clean (trap 42).
    case syncError
    /// The disk takes nothing that needs new space beyond `strength` bytes.
    case fullDisk
    /// The next read fails.
    case readError
    /// Reads of a running node bring fewer bytes than asked for, `strength` of ten thousand.
    case shortReads
    /// Bits of what is durable turn over; found at the next start, which most such faults bring about.
    case rot
    /// A write lands elsewhere.
    case misdirectedWrite
    /// A write that was synced is not there after the next loss of power, which most such faults bring about.
    case lostWrite

    // MARK: Clocks

    /// The steady clock runs faster or slower by `strength` parts per million.
    case rate
    /// The wall clock jumps by `strength` seconds, for good.
    case wallJump
    /// The steady clock jumps forward by `strength` milliseconds.
    case steadyJump

    // MARK: Clients

    /// The client's process ends and forgets; with an odd number it is asked to end, and gives back what it holds first.
    /// Another one starts in its place when the fault ends and the process has.
    case clientCrash
    /// The client's process is stopped by a signal; its clock runs on.
    case clientPause
    /// The client's machine is suspended, and its clock does not count it.
    case clientSuspension

    // MARK: Processes of nodes, once more: a kind's place among the others is part of what is drawn.

    /// The process is killed before, in the middle of or after the `strength`th call of the disk from now that changes
    /// something, and when the fault ends at the latest; the machine keeps what was done of the call.
    case crashAtWrite

    /// How strong a fault is, for people; empty for kinds that are what they are.
    func words(strength: Int) -> String {
        switch self {
        case .loss, .duplication, .replay, .reordering, .corruption: "\(strength) of 10,000 packets"
        case .shortReads: "\(strength) of 10,000 reads"
        case .delay: "up to \(strength) ms"
        case .slowness: "up to \(strength) ms a turn"
        case .flapping: "every \(strength) ms"
        case .powerLossAtWrite, .crashAtWrite: "at call \(strength)"
        case .slowDisk: "\(strength) times"
        case .fullDisk: "\(strength) bytes left"
        case .rate: "\(strength) ppm"
        case .wallJump: "by \(strength) s"
        case .steadyJump: "by \(strength) ms"
        default: ""
        }
    }

    /// The classes that a shrinker drops whole, in order.
    public var group: String {
        switch self {
        case .loss, .duplication, .replay, .reordering, .delay, .corruption: "packets"
        case .clog, .split, .oneWay, .bridge, .ring, .flapping, .reset: "partitions"
        case .crash, .powerLoss, .powerLossAtWrite, .crashAtWrite, .gracefulStop, .wipe: "crashes"
        case .pause, .suspension, .slowness: "pauses"
        case .slowDisk, .stalledDisk, .writeError, .syncError, .readError, .fullDisk, .shortReads, .rot,
            .misdirectedWrite,
            .lostWrite:
            "disks"
        case .rate, .wallJump, .steadyJump: "clocks"
        case .clientCrash, .clientPause, .clientSuspension: "clients"
        }
    }

    /// Whether it may make clients believe wrongly: exclusion and "never early" (properties 11, 12) are not promised
    /// then, and tokens alone protect.
    public var breaksBeliefs: Bool {
        switch self {
        case .rate, .steadyJump, .clientSuspension: true
        default: false
        }
    }
}
