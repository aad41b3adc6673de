public import LeaseholdBase
import LeaseholdWire

/// What a pull asks, and what it makes of the answers.
extension SnapshotPull {
    /// Asks what is to be asked now. To be called in every turn before the core's own end of it.
    public mutating func step(_ core: inout ClientCore, now: SteadyTime) {
        note(core.cluster)
        guard !isOver, request == nil, now >= notBefore else { return }
        do throws(SubmissionError) { request = try ask(&core, now: now) } catch {
            // There is no room for a request: there may be in a while.
            lastFailure = .notSubmitted(error)
            notBefore = now + plan.pause
        }
    }

    /// The first cluster that is known is the one that is saved.
    private mutating func note(_ known: ClusterID) {
        if cluster == .unborn { cluster = known }
    }

    private func ask(_ core: inout ClientCore, now: SteadyTime) throws(SubmissionError) -> RequestHandle {
        // Whatever a cluster that has taken the place of this one answers, the pull ends with it: it is asked for nothing.
        guard core.cluster == cluster else { return try core.members(timeout: plan.timeout, now: now) }
        switch stage {
        case .index: return try core.list(prefix: "", limit: 1, timeout: plan.timeout, now: now)
        case .members, .over: return try core.members(timeout: plan.timeout, now: now)
        case .begin:
            return try core.snapshot(
                .begin(atLeast: index ?? .zero), at: servers[place].address, timeout: plan.timeout, now: now)
        case .piece:
            guard let reference else { throw .shutDown }
            return try core.snapshot(
                .piece(reference, offset: offset, count: plan.pieceBytes), at: servers[place].address,
                timeout: plan.timeout, now: now)
        }
    }

    /// A request of the core was completed. Nothing comes of one that is not the pull's.
    public mutating func completed(
        _ handle: RequestHandle, _ result: RequestResult, _ core: borrowing ClientCore, now: SteadyTime
    ) -> [News] {
        guard handle == request else { return [] }
        request = nil
        note(core.cluster)
        guard core.cluster == cluster else { return end(.clusterChanged(from: cluster, to: core.cluster)) }
        var news: [News] = []
        switch (stage, result) {
        case (.index, .done(.page(let page))):
            index = page.preface.index
            progressed(to: .members, now: now)
        case (.members, .done(.members(let list))):
            choose(from: list, leader: core.knownLeader)
            if servers.isEmpty { return end(plan.node.map { .unknownNode($0) } ?? .notDone(.unreachable(nil))) }
            progressed(to: .begin, now: now)
        case (.begin, .done(.snapshot(.begun(let found)))):
            if let flaw = begin(found, &news, now: now) { return end(flaw) }
        case (.piece, .done(.snapshot(.piece(let piece)))):
            guard piece.reference == reference, piece.offset == offset else {
                return retry(.notDone(.givenUp), now: now)
            }
            offset += piece.bytes.count
            news.append(.bytes(piece.bytes))
            progressed(to: .piece, now: now)
            if offset == piece.reference.byteCount {
                stage = .over
                news.append(.complete)
            }
        case (_, .notDone(let reason)): return notDone(reason, now: now)
        // What only asks is never unknown, and no answer is one to another question.
        default: return retry(.notDone(.givenUp), now: now)
        }
        return news
    }

    /// What came cannot be read, which may show only when all of it is there: another node may have it sound.
    public mutating func refuse(_ core: borrowing ClientCore, now: SteadyTime) -> [News] {
        guard !hasFailed, let server else { return [] }
        (reference, offset, request) = (nil, 0, nil)
        servers.remove(at: place)
        if place == servers.count { place = 0 }
        guard !servers.isEmpty else { return end(.damaged(server)) }
        progressed(to: .begin, now: now)
        return []
    }

    private mutating func progressed(to next: Stage, now: SteadyTime) {
        stage = next
        lastProgress = now
        waitingSince = nil
        notBefore = now
    }

    private mutating func end(_ failure: SnapshotPullFailure) -> [News] {
        (stage, hasFailed) = (.over, true)
        return [.failed(failure)]
    }

    /// Voters that do not lead come first, in an order that is another with each entry, then the leader, then learners.
    private mutating func choose(from list: MemberList, leader: NodeID?) {
        let known = list.members.filter { plan.node == nil || $0.node == plan.node }
        func servers(_ isWanted: (MemberList.Item) -> Bool) -> [Server] {
            known.filter(isWanted).map { Server(node: $0.node, address: $0.clientAddress) }
        }
        let followers = servers { $0.votes && $0.node != leader }
        let first = followers.isEmpty ? 0 : Int((index?.rawValue ?? 0) % UInt64(followers.count))
        self.servers = Array(followers[first...] + followers[..<first])
        self.servers += servers { $0.votes && $0.node == leader }
        self.servers += servers { !$0.votes }
    }

    /// A node has such a snapshot.
    private mutating func begin(
        _ found: SnapshotReference, _ news: inout [News], now: SteadyTime
    ) -> SnapshotPullFailure? {
        var least = index ?? .zero
        #if PLANTED_BUGS
        // This check covers for the node's own.
        if planted(.saveFromStaleSnapshot) { least = .zero }
        #endif
        // Nobody who keeps to the protocol says so.
        guard found.index >= least else { return .damaged(servers[place].node) }
        if found != reference {
            beginnings += 1
            if beginnings > plan.beginningsMax { return .outrun(servers[place].node) }
            (reference, offset) = (found, 0)
            news.append(.began(found, from: servers[place].node))
        }
        progressed(to: .piece, now: now)
        return nil
    }

    /// Nothing came of the request.
    private mutating func notDone(_ reason: NotDone, now: SteadyTime) -> [News] {
        switch (stage, reason) {
        case (_, .shutDown): return end(.notDone(reason))
        case (.piece, .refused(let refusal)) where refusal.code == .snapshotGone:
            // Another counts there: it is begun anew, and of no use any more if it is another.
            stage = .begin
            notBefore = now + plan.pause
            return giveUpIfStalled(.notDone(reason), now: now)
        case (.begin, .refused(let refusal)) where refusal.code == .snapshotUnderWay:
            let since = waitingSince ?? now - plan.timeout
            waitingSince = since
            (lastProgress, notBefore) = (now, now)
            guard now - since >= plan.takingPatience else { return [] }
            // Others may be quicker.
            let slow = servers[place].node
            return passOver() == nil ? end(.takesTooLong(slow)) : []
        case (.begin, .refused(let refusal)) where !refusal.code.mayPass:
            // There is no use in asking it again.
            notBefore = now
            return passOver() == nil ? end(.notDone(reason)) : []
        case (.index, .refused(let refusal)) where !refusal.code.mayPass,
            (.members, .refused(let refusal)) where !refusal.code.mayPass:
            return end(.notDone(reason))
        default: return retry(failure(of: reason), now: now)
        }
    }

    /// That the one node which may serve is not reached is another trouble than that no leader is.
    private func failure(of reason: NotDone) -> SnapshotPullFailure {
        guard stage == .begin || stage == .piece, let node = plan.node else { return .notDone(reason) }
        switch reason {
        case .unreachable(.wrongCluster), .unreachable(.protocolUnsupported): return .notDone(reason)
        case .unreachable, .givenUp: return .silent(node)
        default: return .notDone(reason)
        }
    }

    /// Asks again in a while: the same node if it was serving, or another.
    private mutating func retry(_ failure: SnapshotPullFailure, now: SteadyTime) -> [News] {
        notBefore = now + plan.pause
        switch stage {
        case .index, .members, .over: break
        case .begin: turnToNext()
        case .piece: if now - lastProgress >= plan.faithfulness { turnToNext() }
        }
        return giveUpIfStalled(failure, now: now)
    }

    /// Another node is asked. What has come is of use if it has the very same snapshot.
    private mutating func turnToNext() {
        stage = .begin
        place = (place + 1) % servers.count
        waitingSince = nil
    }

    /// The node is not asked any more: the next is, unless there is none.
    private mutating func passOver() -> NodeID? {
        servers.remove(at: place)
        if place == servers.count { place = 0 }
        waitingSince = nil
        return servers.isEmpty ? nil : servers[place].node
    }

    private mutating func giveUpIfStalled(_ failure: SnapshotPullFailure, now: SteadyTime) -> [News] {
        lastFailure = failure
        // Not before each of the nodes had its time: most of them may be gone, and the last the only one that serves.
        var patience = max(plan.patience, plan.timeout * Int64(servers.count))
        if case .silent = failure, stage == .begin { patience = plan.timeout - plan.pause }
        return now - lastProgress >= patience ? end(failure) : []
    }
}
