internal import Leasehold
internal import LeaseholdBase
internal import LeaseholdSystem

/// The load of a benchmark made as an application makes it: tasks that await the SDK's calls.
///
/// Each connection is a `LeaseClient` of its own, with as many tasks as the depth says. Leases are renewed meanwhile and
/// given back at the end, as those of any application are.
final class SDKLoad: Sendable {
    /// What all tasks work on.
    private struct Shared: Sendable {
        var tally = BenchTally()
        var log: OperationLog?
        var begun = 0
        var isOver = false
        var fatal: CommandFailure?
        var lanesLeft: Int
        /// Leases that are given back at the end, when that is to be written down.
        var held: [(name: String, claim: ClaimID, token: FencingToken)] = []
    }

    private let plan: BenchPlan
    private let clients: [LeaseClient]
    private let shared: Monitor<Shared>

    /// A client keeps no more leases than this.
    private static var leasesMax: Int { 1_000_000 }
    /// A client has no more calls under way than this.
    private static var callsMax: Int { 32_768 }
    /// How long the leases may take to be given back.
    private static var stopPatience: Duration { .seconds(10) }

    /// Prepares the clients; nothing is connected yet.
    init(_ plan: BenchPlan, endpoints: [Endpoint], log: OperationLog?) throws(CommandFailure) {
        guard plan.workload == .acquire || plan.workload == .cycle || plan.workload == .read else {
            throw CommandFailure(.notSupported, "--through-sdk goes with acquire, cycle and read")
        }
        self.plan = plan
        var configuration = LeaseClient.Configuration(endpoints: endpoints.map(\.description))
        configuration.timeout = .nanoseconds(plan.timeout.rawValue)
        configuration.leaseLimit = Self.leasesMax
        // At the end all leases are given back at once.
        configuration.callLimit = Self.callsMax
        var clients: [LeaseClient] = []
        for _ in 0..<plan.connections {
            do throws(LeaseClient.ConfigurationError) {
                clients.append(try LeaseClient(configuration: configuration))
            } catch { throw CommandFailure(.usage, error.description) }
        }
        self.clients = clients
        shared = Monitor(Shared(log: log, lanesLeft: plan.lanes))
    }

    /// Has every client find the leader, so that time does not count before.
    func connect() async throws(CommandFailure) {
        for client in clients {
            do throws(LeaseholdError) { _ = try await client.get(plan.name(0)) } catch {
                throw CommandFailure(error)
            }
        }
        if plan.workload == .read, let client = clients.first {
            do throws(LeaseholdError) { _ = try await client.acquire(plan.name(0), ttl: ttl) } catch {
                throw CommandFailure(error)
            }
        }
    }

    private var ttl: Duration { .nanoseconds(plan.ttl.rawValue) }

    /// Starts the tasks. They end by themselves once the load is over.
    func start() {
        shared.withLock { $0.tally.begin(at: SystemClocks.steady) }
        for client in clients {
            for _ in 0..<plan.depth { Task { await self.runLane(on: client) } }
        }
    }

    /// Nothing new is begun from now on.
    func end() { shared.withLock { $0.isOver = true } }

    /// What was measured so far; nil for `isDone` false.
    func look() throws(CommandFailure) -> (tally: BenchTally, isDone: Bool) {
        let (tally, isDone, fatal) = shared.withLock { ($0.tally, $0.lanesLeft == 0, $0.fatal) }
        if let fatal { throw fatal }
        return (tally, isDone)
    }

    /// Gives back what is held, and ends the clients.
    func stop() async {
        await withDiscardingTaskGroup { group in
            for client in clients { group.addTask { await client.stop(within: Self.stopPatience) } }
        }
    }

    /// The number of the next operation; nil when there is to be none.
    private func beginNext() -> Int? {
        shared.withLock { shared in
            guard !shared.isOver, shared.fatal == nil, plan.count.map({ shared.begun < $0 }) ?? true else { return nil }
            shared.begun += 1
            return shared.begun - 1
        }
    }

    private func runLane(on client: LeaseClient) async {
        var name: String?
        while let number = beginNext() {
            let began = SystemClocks.steady
            do throws(LeaseholdError) {
                switch plan.workload {
                case .read:
                    let lease = try await client.get(plan.name(0))
                    let holder = lease.holders.first
                    acknowledged(
                        .read, plan.name(0), holder.map { (ClaimID($0.claim), FencingToken($0.token.rawValue)) },
                        began, sent: began)
                case .cycle:
                    let own = name ?? plan.name(number)
                    name = own
                    let lease = try await client.acquire(own, ttl: ttl)
                    let claim = (ClaimID(lease.claim), FencingToken(lease.token.rawValue))
                    record(.acquire, own, claim, sent: began)
                    let sent = SystemClocks.steady
                    do throws(LeaseholdError) { _ = try await lease.release() } catch {
                        // Whether it is held still is not known.
                        record(.unknown, own, claim, sent: sent)
                        throw error
                    }
                    acknowledged(.release, own, claim, began, sent: sent)
                default:
                    let lease = try await client.acquire(plan.name(number), ttl: ttl)
                    acknowledged(
                        .acquire, lease.name, (ClaimID(lease.claim), FencingToken(lease.token.rawValue)), began,
                        sent: began)
                }
            } catch {
                name = nil
                failed(error)
            }
        }
        shared.change { $0.lanesLeft -= 1 }
    }

    private func acknowledged(
        _ operation: OperationLog.Operation, _ name: String, _ claim: (ClaimID, FencingToken)?, _ began: SteadyTime,
        sent: SteadyTime
    ) {
        record(operation, name, claim, sent: sent)
        let now = SystemClocks.steady
        shared.withLock { $0.tally.acknowledged(1, began: began, at: now) }
    }

    private func record(
        _ operation: OperationLog.Operation, _ name: String, _ claim: (ClaimID, FencingToken)?, sent: SteadyTime
    ) {
        let now = SystemClocks.steady
        shared.withLock { shared in
            guard let log = shared.log else { return }
            if operation == .acquire, plan.workload == .acquire, let claim {
                shared.held.append((name, claim.0, claim.1))
            }
            let line = OperationLog.Line(
                operation, name: name, claim: claim?.0, token: operation == .release ? nil : claim?.1, sent: sent,
                replied: operation == .unknown ? nil : now, ttl: operation == .acquire ? plan.ttl : nil)
            do throws(SystemError) {
                try log.record(line)
                try log.flush(ifDueAt: now)
            } catch { shared.fatal = shared.fatal ?? CommandFailure(.ioError, "\(error)") }
        }
    }

    private func failed(_ error: LeaseholdError) {
        shared.withLock { shared in
            switch error.fate {
            case .unknown: shared.tally.lost(1)
            case .done, .notDone:
                let failure = CommandFailure(error)
                shared.tally.failed(1, failure)
                if !failure.mayPass { shared.fatal = shared.fatal ?? failure }
            }
        }
    }

    /// Writes what is left of the log: what is held will be given back, and whether that came about is not looked at.
    func flush() throws(SystemError) {
        let (log, held) = shared.withLock { ($0.log, $0.held) }
        guard let log else { return }
        let now = SystemClocks.steady
        for lease in held {
            try log.record(
                OperationLog.Line(
                    .unknown, name: lease.name, claim: lease.claim, token: lease.token, sent: now, replied: nil,
                    ttl: nil))
        }
        try log.flush()
    }
}

extension CommandFailure {
    /// What the SDK threw.
    init(_ error: LeaseholdError) {
        let code: FailureCode
        switch error {
        case .refused(let refusal): code = FailureCode(rawValue: refusal.code) ?? .usage
        // The SDK's own obstacles have no code here: nothing of them is told by the cluster.
        case .notDone(let obstacle): code = FailureCode(rawValue: obstacle.code) ?? .unreachable
        case .unknown: code = .outcomeUnknown
        }
        self.init(code, "\(error)")
    }

    /// Whether the same may be answered otherwise next time, so that load goes on.
    var mayPass: Bool {
        switch code {
        case .held, .unreachable, .overloaded, .diskLow, .ended, .claimUnknown, .tooOld, .outcomeUnknown: true
        default: false
        }
    }
}
