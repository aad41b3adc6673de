internal import LeaseholdBase
internal import LeaseholdSystem
internal import LeaseholdWire

extension Command {
    /// How every member fares.
    static let status = Command(
        name: "status",
        flags: Flag.client,
        summary: "Show every member of the cluster: its role, its term, how far its log and state are.",
        details: """
            Each node is asked itself; one that does not answer is shown as unreachable. Digests of two nodes are equal
            when their states are equal at the same applied index. The clock of a node is "fast" or "slow" when it is
            proved to run apart from those of a quorum of others: such a node does not lead as long as others can.
            Commands have a level, which is raised once the programs of all members understand the next one. The table
            shows the level in force at each node, and behind a stroke what its program understands, if that is more.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold status --endpoints 127.0.0.1:7401"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let endpoints = try invocation.arguments.endpoints()
        let deadline = SystemClocks.steady + (try invocation.arguments.timeout())
        while true {
            let remaining = deadline - SystemClocks.steady
            guard remaining > .zero else { throw CommandFailure.noAnswer(endpoints) }
            let found = try nodes(at: endpoints, within: remaining)
            if let status = ClusterStatus(try StatusQuery.ofOneCluster(found)) {
                try invocation.output.write(status.json) { status.table }
                return 0
            }
            SystemClocks.sleep(min(.milliseconds(100), max(deadline - SystemClocks.steady, .zero)))
        }
    }
}

private func nodes(
    at endpoints: [Endpoint], within patience: Nanoseconds
) throws(CommandFailure) -> [StatusQuery.Found] {
    do throws(SystemError) { return try StatusQuery.find(from: endpoints, within: patience) } catch {
        throw CommandFailure(.ioError, "\(error)")
    }
}

extension CommandFailure {
    /// Nobody could be asked.
    static func noAnswer(_ endpoints: [Endpoint]) -> CommandFailure {
        let list = endpoints.map(\.description).joined(separator: ", ")
        return CommandFailure(.unreachable, "no node answers at \(list)")
    }
}
