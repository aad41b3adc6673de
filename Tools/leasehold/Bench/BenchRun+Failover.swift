internal import LeaseholdBase
internal import LeaseholdSystem
internal import LeaseholdWire

/// Killing the leader, round by round.
extension BenchRun {
    /// How long a cluster may take to grant again, and a node to come back.
    private static var patience: Nanoseconds { .seconds(30) }
    /// How long the load runs before a kill, and after the grant that ends its gap.
    private static var calm: Nanoseconds { .milliseconds(200) }

    /// Runs the rounds of the plan, under load.
    mutating func failover() throws(CommandFailure) -> BenchReport {
        var gaps = LatencyHistogram()
        var children: [ChildProcess] = []
        try prepare()
        driver.start()
        var round = 0
        while round < driver.plan.rounds, !isTold {
            guard let leader = try healthyLeader() else { break }
            try run(for: Self.calm)
            guard !isTold else { break }
            let process = try node(leader)
            let killed = SystemClocks.steady
            process.kill()
            driver.watch(from: killed)
            let end = killed + Self.patience
            while driver.firstGrant == nil, SystemClocks.steady < end, !isTold { try turn(until: end) }
            defer { round += 1 }
            let granted = driver.firstGrant
            while !process.isGone, SystemClocks.steady < end { SystemClocks.sleep(.milliseconds(1)) }
            for child in children where child.id == process.id { _ = try? child.wait() }
            children.removeAll { $0.id == process.id }
            do throws(SystemError) { children.append(try process.start()) } catch {
                throw CommandFailure(.ioError, "node \(leader.identity.node) could not be started again: \(error)")
            }
            guard let granted else {
                if isTold { break }
                throw CommandFailure(.unreachable, "nothing was granted within 30s of the leader's end")
            }
            gaps.record(granted - killed)
            note(round, leader, granted - killed)
            try run(for: Self.calm)
        }
        // Whoever runs this finds the cluster as it was.
        if !isTold { _ = try healthyLeader() }
        try finish()
        return driver.tally.report(driver.plan, gaps: gaps)
    }

    private mutating func run(for time: Nanoseconds) throws(CommandFailure) {
        let end = SystemClocks.steady + time
        while SystemClocks.steady < end, !isTold { try turn(until: end) }
    }

    /// The leader, once every node follows it and is not far behind. The load goes on meanwhile.
    private mutating func healthyLeader() throws(CommandFailure) -> NodeStatus? {
        let end = SystemClocks.steady + Self.patience
        while SystemClocks.steady < end {
            if isTold { return nil }
            if let leader = try leader() { return leader }
            try run(for: .milliseconds(50))
        }
        throw CommandFailure(
            .unreachable, "not every node came back within 30s; leasehold status says which are missing")
    }

    private func leader() throws(CommandFailure) -> NodeStatus? {
        let statuses: [NodeStatus]
        do throws(SystemError) {
            statuses = try StatusQuery.gather(from: driver.endpoints, within: .milliseconds(500))
        } catch { throw CommandFailure(.ioError, "\(error)") }
        guard let cluster = ClusterStatus(statuses), let id = cluster.leader, cluster.following == cluster.nodes.count
        else { return nil }
        let leader = cluster.nodes.first { $0.id == id }?.status
        guard let leader, statuses.allSatisfy({ $0.applied + 10_000 >= leader.applied }) else { return nil }
        return leader
    }

    private func node(_ leader: NodeStatus) throws(CommandFailure) -> NodeProcess {
        let process: NodeProcess
        do throws(SystemError) { process = try NodeProcess(Int32(clamping: leader.process)) } catch {
            throw CommandFailure(
                .usage,
                "the leader's process \(leader.process) cannot be looked at (\(error)): failover must run on "
                    + "the machine of the nodes, as their user")
        }
        guard process.isNode else {
            throw CommandFailure(.usage, "process \(leader.process) does not serve a node on this machine")
        }
        return process
    }

    private func note(_ round: Int, _ leader: NodeStatus, _ gap: Nanoseconds) {
        guard StandardStream.error.isTerminal else { return }
        StandardStream.error.write(
            "\r\u{1B}[Kround \(round + 1): killed node \(leader.identity.node), granted again after \(gap.milliseconds)ms\n"
        )
    }
}
