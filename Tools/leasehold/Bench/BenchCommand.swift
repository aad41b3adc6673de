internal import LeaseholdBase
internal import LeaseholdSystem

extension Command {
    /// Makes load, and measures what comes of it.
    static let bench = Command(
        name: "bench",
        flags: [
            .value("workload", "WORKLOAD", "acquire, renew, cycle, read or failover"),
            .value("connections", "N", "how many clients, each with a connection (default 64)"),
            .value("depth", "N", "how many requests each has under way (default 1)"),
            .value("seconds", "N", "for how long (default 5, or until --count)"),
            .value("count", "N", "end after this many operations"),
            .value("ttl", "TIME", "of the leases (default 60s)"),
            .value("prefix", "TEXT", "what names begin with (default bench/ and six random digits)"),
            .value("leases-per-renew", "N", "how many claims one renewal names (default 1)"),
            .value("rounds", "N", "how often failover kills the leader (default 20)"),
            .value("log", "FILE", "write down each acknowledged operation"),
            .value("verify", "FILE", "check such a log against the cluster instead"),
            .present("through-sdk", "make the load through the SDK"),
        ] + Flag.client,
        summary: "Measure a cluster under load.",
        details: """
            acquire takes leases of distinct names, which stay held; renew renews claims taken beforehand, and counts
            claims; cycle acquires and releases one name a connection; read reads leases that are held. errors are
            answers other than success after all tries, unknown those that never came. gap_ms_max is the longest time
            without an acknowledgement.

            failover kills the leader's process with SIGKILL, waits for the next grant, and starts the process again as it
            was; the times told are those gaps. It must run on the machine of the nodes, and as a user that may.

            --through-sdk makes acquire, cycle and read load as applications do: each connection is a client of the SDK.
            Leases acquired so are renewed meanwhile, and given back at the end.

            --verify exits 1 with the first acknowledgement that does not hold. Claims past their time to live need not
            be held any more, so that a log is best checked soon, or made with a long --ttl.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold bench --workload cycle --connections 8 --seconds 2"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let arguments = invocation.arguments
        if let path = arguments.text("verify") { return try verify(path, invocation) }
        let plan = try BenchPlan(arguments)
        let endpoints = try arguments.endpoints()
        let log = try log(arguments)
        let report: BenchReport
        if arguments.has("through-sdk") {
            report = try SDKRun(SDKLoad(plan, endpoints: endpoints, log: log), plan).load()
        } else {
            var run: BenchRun
            do throws(SystemError) {
                let signals = try SignalQueue([.interrupt, .terminate])
                run = BenchRun(try LoadDriver(plan, endpoints: endpoints, log: log), signals)
            } catch { throw CommandFailure(.ioError, "\(error)") }
            report = plan.workload == .failover ? try run.failover() : try run.load()
        }
        try invocation.output.write(report.json) { report.table }
        return 0
    }

    private static func log(_ arguments: Arguments) throws(CommandFailure) -> OperationLog? {
        guard let path = arguments.text("log") else { return nil }
        do throws(SystemError) { return try OperationLog(path) } catch {
            throw CommandFailure(.ioError, "\(path): \(error)")
        }
    }
}
