internal import CLeaseholdSystem

/// Why nothing listens.
public enum ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Somebody listens there already.
    case addressInUse(Endpoint)
    /// The endpoint has no address here.
    case unresolvable(ResolutionError)
    /// The kernel refused.
    case failed(Endpoint, SystemError)

    /// A sentence that names the endpoint.
    public var description: String {
        switch self {
        case .addressInUse(let endpoint): "\(endpoint) is in use by another process"
        case .unresolvable(let error): "cannot listen at \(error)"
        case .failed(let endpoint, let error): "cannot listen at \(endpoint): \(error)"
        }
    }
}

/// A socket that takes connections in, non-blocking.
public struct Listener: ~Copyable {
    let descriptor: FileDescriptor
    /// Where it listens, with the port that the kernel chose if zero was asked for.
    public let endpoint: Endpoint

    /// Connections that the kernel keeps for us between two turns.
    private static var backlog: Int32 { 1024 }

    /// Listens at an endpoint.
    public init(at endpoint: Endpoint) throws(ListenError) {
        let addresses: [SocketAddress]
        do { addresses = try endpoint.resolve() } catch { throw .unresolvable(error) }
        do {
            // A name with several addresses means the first one here: a node has one door, not a row of them.
            self.init(descriptor: try Self.open(addresses[0]), endpoint: endpoint)
        } catch {
            throw error.code == .addressInUse ? .addressInUse(endpoint) : .failed(endpoint, error)
        }
    }

    private init(descriptor: consuming FileDescriptor, endpoint: Endpoint) {
        let port = UInt16(truncatingIfNeeded: max(leasehold_bound_port(descriptor.number), 0))
        self.descriptor = descriptor
        self.endpoint =
            switch endpoint {
            case .internet(let host, _): .internet(host: host, port: port)
            case .local: endpoint
            }
    }

    private static func open(_ address: SocketAddress) throws(SystemError) -> FileDescriptor {
        var raw = address.raw
        return FileDescriptor(owning: try perform(.bind) { unsafe leasehold_listen(&raw, backlog) })
    }

    /// Gives the socket up to whoever takes connections in.
    consuming func release() -> Int32 { descriptor.release() }
}
