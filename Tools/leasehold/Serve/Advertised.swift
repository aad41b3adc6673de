package import LeaseholdSystem

/// Where a node that joins is reached by others: where it listens, or where its operator says.
package struct Advertised: Hashable, Sendable {
    /// Where clients connect.
    package let client: Endpoint
    /// Where other nodes connect.
    package let peer: Endpoint

    /// As the command line of `serve --join` says. What nobody could connect to is refused: the cluster would know the node
    /// there for good.
    package init(_ arguments: Arguments) throws(CommandFailure) {
        client = try Self.address("client", arguments)
        peer = try Self.address("peer", arguments)
    }

    private static func address(_ kind: String, _ arguments: Arguments) throws(CommandFailure) -> Endpoint {
        let (listen, advertise) = ("listen-\(kind)", "advertise-\(kind)")
        if let told = try arguments.endpoint(advertise) {
            guard told.isReachable else {
                throw CommandFailure(
                    .usage, "--\(advertise) takes an address of this machine at which others reach it, not \(told)")
            }
            return told
        }
        guard let own = try arguments.endpoint(listen) else { throw CommandFailure(.usage, "--\(listen) is missing") }
        guard own.isReachable else {
            throw CommandFailure(
                .usage,
                "nobody reaches this node at \(own): say with --\(advertise) at which address of this machine others reach it, as "
                    + "in --\(advertise) 10.0.0.4:\(own.port == 0 ? 7404 : own.port)")
        }
        return own
    }
}
