internal import CLeaseholdSystem

/// An address as the kernel takes it.
struct SocketAddress: Sendable {
    var raw: leasehold_address
}

/// Why an endpoint has no address.
public struct ResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The endpoint.
    public let endpoint: Endpoint
    /// The resolver's own words.
    public let reason: String

    /// `db.example:7401: Name or service not known`.
    public var description: String { "\(endpoint): \(reason)" }
}

extension Endpoint {
    /// The address, when it can be told without asking a name server.
    var numericAddress: SocketAddress? {
        var address = leasehold_address()
        let result =
            switch self {
            case .internet(let host, let port): unsafe leasehold_address_numeric(host, port, &address)
            case .local(let path): unsafe leasehold_address_unix(path, &address)
            }
        return result == 0 ? SocketAddress(raw: address) : nil
    }

    /// Whether others could be told to connect there: neither to whichever address a machine has (`0.0.0.0`, `[::]`), nor
    /// to whichever port is free. A listener may be at both. Names are not looked up.
    public var isReachable: Bool {
        guard case .internet(_, let port) = self else { return true }
        guard port != 0, var address = numericAddress?.raw else { return port != 0 }
        return unsafe leasehold_address_is_any(&address) == 0
    }

    /// The addresses, in the order to try them. May wait seconds for a name server: not for a loop's thread.
    func resolve() throws(ResolutionError) -> [SocketAddress] {
        if let numericAddress { return [numericAddress] }
        guard case .internet(let host, let port) = self else {
            throw ResolutionError(endpoint: self, reason: "not a path that a socket can have")
        }
        var found = [leasehold_address](repeating: leasehold_address(), count: Int(leasehold_addresses_max))
        var reason = [CChar](repeating: 0, count: 128)
        let count = unsafe leasehold_resolve(host, port, &found, Int32(found.count), &reason, reason.count)
        guard count > 0 else { throw ResolutionError(endpoint: self, reason: string(reason)) }
        return found.prefix(Int(count)).map { SocketAddress(raw: $0) }
    }
}
