import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// A cluster that was restored from a backup has another id than the one before, at the same addresses as a rule. A client
/// that was told of no cluster keeps to the first that it met, and goes over to another one only when nothing is left that
/// binds it to that: it holds nothing, and for longer than its requests last every endpoint that it reaches has named the
/// same other cluster, and none the old one.
///
/// What speaks against doing it sooner: a single node of another cluster, at an address that was given to it by mistake or
/// by a name server, must not draw clients away from theirs. What is left is that somebody is led astray for that long by
/// every address that he has, with nobody of his own cluster in reach: then he joins the others there, under tokens that
/// are theirs. Who cannot have that names his cluster in the configuration, and is never led anywhere.
extension ClientCore {
    /// Another cluster that has been named instead of this one.
    struct Successor {
        let cluster: ClusterID
        /// Since when nobody has named any other.
        let since: SteadyTime
        /// Since when others than this one are named.
        let consideredSince: SteadyTime
        /// When it was named last.
        var namedAt: SteadyTime
    }

    /// For how long it has to be named, and that no longer ago than as much.
    var successionTime: Nanoseconds { Swift.max(configuration.timeout, configuration.clusterPatience) }

    /// Whether endpoints are asked whose they are though there is nothing else to do.
    var isConsideringSuccessor: Bool { successor.map { clock - $0.consideredSince < successionTime * 2 } ?? false }

    /// A node has told that it is of another cluster. True when the client has gone over to that.
    mutating func met(_ other: ClusterID, at index: Int) -> Bool {
        endpoints[index].standing = .names(other, at: clock)
        guard configuration.cluster == .unborn else { return false }
        marks.hit(.otherClusterMet)
        let known = successor.flatMap { clock - $0.namedAt < successionTime ? $0 : nil }
        successor = Successor(
            cluster: other, since: known?.cluster == other ? known?.since ?? clock : clock,
            consideredSince: known?.consideredSince ?? clock, namedAt: clock)
        guard isBoundToNothing, let successor, clock - successor.since >= successionTime, everybodyNames(successor)
        else { return false }
        goOver(to: other, by: index)
        return true
    }

    /// Whether an endpoint was found to be of another cluster, and of none else since.
    var hasMetOther: Bool {
        endpoints.contains { endpoint in
            if case .names(let named, _) = endpoint.standing { named != cluster } else { false }
        }
    }

    /// A node has told that it is of this client's own cluster, which is there.
    mutating func metOwn(at index: Int) {
        endpoints[index].standing = .names(cluster, at: clock)
        endpoints[index].asksWhose = false
        successor = nil
    }

    /// Whether no tenure is believed in, kept here or by a caller.
    private var isBoundToNothing: Bool { keptLeases == 0 && clock >= looseUntil }

    /// Whether each endpoint was tried since, lately, and either names that cluster or cannot be reached.
    private func everybodyNames(_ successor: Successor) -> Bool {
        let least = Swift.max(successor.since, clock - successionTime)
        return endpoints.allSatisfy { endpoint in
            switch endpoint.standing {
            case .untried: false
            case .unreachable(let time): time >= least && endpoint.openConnection == nil
            case .names(let named, let time):
                named == successor.cluster && time >= least && endpoint.openConnection == nil
            }
        }
    }

    /// Everything that was of the cluster before is settled, and what is not of it goes on in the other one.
    private mutating func goOver(to other: ClusterID, by index: Int) {
        marks.hit(.clusterChanged)
        effects.append(.clusterChanged(from: cluster, to: other))
        for place in endpoints.indices where place != index && !endpoints[place].isIdle { drop(place, now: clock) }
        cluster = other
        (successor, leader, leaderTerm, searchFailures) = (nil, nil, .zero, 0)
        (lastConnectionError, renewEvery, looseUntil) = (nil, .zero, .zero)
        // A log of its own, with times of its own: what was seen of the other's would let requests live too long.
        newestSeen = .zero
        belief = configuration.belief
        for place in endpoints.indices {
            (endpoints[place].node, endpoints[place].leads, endpoints[place].asksWhose) = (nil, false, false)
            if place != index { endpoints[place].standing = .untried }
        }
        for place in slots.indices where slots[place].phase != .free { settle(place) }
    }

    /// A request from the time before.
    private mutating func settle(_ index: Int) {
        switch slots[index].kind {
        // They were for what nobody holds any more, there.
        case .keepAlive: return free(index)
        case .undo: return finishUndo(index)
        default: break
        }
        guard slots[index].isSettled else {
            finish(index, .unknown)
            // What an acquire may have made over there nobody here can undo.
            if slots[index].phase != .free, slots[index].kind == .undo { finishUndo(index) }
            return
        }
        switch slots[index].kind {
        case .renew, .release, .update:
            // Their claims are of the cluster before. This one, if it was restored, would say the same; and if it was not, it
            // may know others by those numbers.
            finish(index, .notDone(.declined(.ended(.restored))))
        case .changeSettings, .transfer, .changeMembers, .snapshot:
            // Whoever operates one cluster does not mean another.
            finish(index, .notDone(.unreachable(.wrongCluster)))
        case .acquire, .cancel, .get, .list, .status, .settings, .members: beginAnew(index)
        case .keepAlive, .undo: break
        }
    }

    /// Asks in this cluster what was asked in vain in the one before.
    private mutating func beginAnew(_ index: Int) {
        if let sequence = slots[index].sequence {
            sequences.settle(sequence)
            slots[index].sequence = nil
            slots[index].bytes.removeAll(keepingCapacity: true)
        }
        slots[index].open.removeAll(keepingCapacity: true)
        (slots[index].lost, slots[index].failures, slots[index].redirects) = (0, 0, 0)
        (slots[index].charged, slots[index].isRenumbered, slots[index].lastRefusal) = (false, false, nil)
        if slots[index].phase != .ready { makeReady(index) }
    }
}
