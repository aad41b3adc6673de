/// Where something listens: `host:port`, `[v6]:port` or `unix:path`. The host may be a name, looked up at each connect.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or numeric address, and a port.
    case internet(host: String, port: UInt16)
    /// The path of a local socket.
    case local(path: String)

    /// Reads the text form; nil when it is none.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // A local address holds 108 bytes with the zero behind them.
            guard !path.isEmpty, path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
            self = .local(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(where: { $0 == ":" || $0 == "[" || $0 == "]" }) {
            // More than one colon and no brackets: where the address ends and the port begins would be a guess.
            return nil
        }
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x2F })
        else { return nil }
        self = .internet(host: String(host), port: port)
    }

    /// The text form.
    public var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .local(let path): "unix:\(path)"
        }
    }

    /// The port, zero for a local socket.
    public var port: UInt16 {
        switch self {
        case .internet(_, let port): port
        case .local: 0
        }
    }
}
