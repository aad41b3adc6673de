internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

extension LeaseClient {
    /// What a client is told at its start. Every field but the endpoints has a default that suits most.
    public struct Configuration: Hashable, Sendable {
        /// Where nodes can be reached: `host:port`, `[v6]:port` or `unix:path`. One is enough to find the others.
        public var endpoints: [String]
        /// Who this is, for people: shown to others that ask for the same lease. Host and process id unless told. Two
        /// clients of one label are still two.
        public var holder: String
        /// How long a call may take in all when it does not say otherwise; at most a day.
        public var timeout: Duration = .seconds(10)
        /// Calls under way at once; further ones fail with `.notDone(.tooMany)`. At most 32,768.
        public var callLimit = 8_192
        /// Leases held at once; further acquires fail with `.notDone(.tooMany)`. At most a million.
        public var leaseLimit = 10_000
        /// The only cluster to talk to, by the 32 digits that `leasehold status` shows; without one, whichever answers
        /// first, and the one that takes its place when it was restored from a backup
        /// (``LeaseClientEvent/clusterChanged(from:to:)``).
        public var cluster: String?
        /// Connects as soon as the client runs, without waiting for a first call.
        public var connectsEagerly = false

        /// A configuration with defaults for all but the endpoints.
        public init(endpoints: [String]) {
            self.endpoints = endpoints
            holder = "\(CurrentProcess.hostName):\(CurrentProcess.id)"
        }

        /// The core's own configuration.
        var core: ClientConfiguration {
            var core = ClientConfiguration(endpoints: endpoints)
            core.cluster = cluster.flatMap(Self.clusterID) ?? .unborn
            core.timeout = Nanoseconds(timeout)
            core.requestLimit = callLimit
            core.leaseLimit = leaseLimit
            core.connectsEagerly = connectsEagerly
            return core
        }

        func validate() throws(ConfigurationError) {
            guard !endpoints.isEmpty else { throw .noEndpoint }
            guard endpoints.count <= ClientLimits.endpoints else { throw .tooManyEndpoints(ClientLimits.endpoints) }
            for endpoint in endpoints where Endpoint(endpoint) == nil { throw .endpointInvalid(endpoint) }
            if let cluster, Self.clusterID(cluster) == nil { throw .clusterInvalid(cluster) }
        }

        private static func clusterID(_ text: String) -> ClusterID? {
            guard text.utf8.count == 32, text.allSatisfy(\.isHexDigit), let high = UInt64(text.prefix(16), radix: 16),
                let low = UInt64(text.suffix(16), radix: 16)
            else { return nil }
            let cluster = ClusterID(high: high, low: low)
            return cluster == .unborn ? nil : cluster
        }
    }

    /// What is wrong with a configuration.
    public enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
        /// There must be at least one endpoint.
        case noEndpoint
        /// There are more endpoints than a client looks at.
        case tooManyEndpoints(Int)
        /// An endpoint is none of `host:port`, `[v6]:port` and `unix:path`.
        case endpointInvalid(String)
        /// A cluster is named by 32 hexadecimal digits.
        case clusterInvalid(String)

        /// For people.
        public var description: String {
            switch self {
            case .noEndpoint: "a client needs at least one endpoint"
            case .tooManyEndpoints(let most): "a client looks at no more than \(most) endpoints"
            case .clusterInvalid(let text): "\(text) is no cluster: it has 32 hexadecimal digits"
            case .endpointInvalid(let text): "\(text) is none of host:port, [v6]:port and unix:path"
            }
        }
    }
}
