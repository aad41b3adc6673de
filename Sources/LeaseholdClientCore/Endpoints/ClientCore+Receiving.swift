public import LeaseholdBase
import LeaseholdWire

/// What nodes say.
extension ClientCore {
    /// Bytes have come: as many as were read and not consumed before, and those behind them.
    /// - Returns: how many are consumed; the rest is to be shown again with more behind it.
    /// - Complexity: O(bytes).
    public mutating func received(_ connection: ConnectionID, _ bytes: RawSpan, now: SteadyTime) -> Int {
        advance(now)
        guard let index = endpoints.firstIndex(where: { $0.connection == connection }) else { return bytes.byteCount }
        var consumed = 0
        while consumed < bytes.byteCount {
            switch FrameParser.next(in: bytes.extracting(consumed..<bytes.byteCount)) {
            case .needMore: return consumed
            case .bad:
                broken(index)
                return bytes.byteCount
            case .frame(let header, let body, let length):
                let body = bytes.extracting(consumed + body.lowerBound..<consumed + body.upperBound)
                consumed += length
                endpoints[index].heardAt = clock
                do {
                    try understood(header, body, from: index, connection)
                } catch {
                    broken(index)
                }
                // What was said may have ended the connection.
                guard endpoints[index].connection == connection else { return bytes.byteCount }
            }
        }
        return consumed
    }

    private mutating func broken(_ index: Int) {
        marks.hit(.frameRefused)
        counts.protocolErrors += 1
        drop(index, now: clock)
    }

    private mutating func understood(
        _ header: FrameHeader, _ body: RawSpan, from index: Int, _ connection: ConnectionID
    ) throws(DecodingError) {
        if header.kind == .connectionError {
            let error = try ConnectionErrorMessage(decoding: body)
            marks.hit(.refusalHeard)
            lastConnectionError = error.code
            drop(index, now: clock)
            if error.code == .wrongCluster, configuration.cluster == .unborn {
                (endpoints[index].standing, endpoints[index].asksWhose) = (.untried, true)
            }
            return
        }
        guard endpoints[index].openConnection != nil else {
            guard header.kind == .welcome else { throw .invalid }
            return welcomed(try Welcome(decoding: body), by: index, connection)
        }
        switch header.kind {
        case .answer: try answered(try ClientAnswerView(decoding: body), by: index, connection)
        case .pong: ponged(try Pong(decoding: body), by: index)
        case .leader: hinted(try LeaderNotice(decoding: body).leader, by: index)
        default: throw .invalid
        }
    }

    private mutating func welcomed(_ welcome: Welcome, by index: Int, _ connection: ConnectionID) {
        let range = ProtocolRange.current
        guard (range.oldest...range.newest).contains(welcome.protocolVersion) else {
            lastConnectionError = .protocolUnsupported
            return drop(index, now: clock)
        }
        if cluster == .unborn { cluster = welcome.cluster }
        if welcome.cluster == cluster {
            metOwn(at: index)
        } else if welcome.cluster != .unborn, !met(welcome.cluster, at: index) {
            lastConnectionError = .wrongCluster
            let standing = endpoints[index].standing
            drop(index, now: clock)
            endpoints[index].standing = standing
            return
        }
        endpoints[index].link = .open(connection)
        endpoints[index].node = welcome.node
        endpoints[index].pingNotBefore = clock
        belief = belief.strictest(with: welcome.belief)
        limits = welcome.limits
        newestSeen = Swift.max(newestSeen, welcome.logTime)
        hinted(welcome.leader, by: index)
    }

    private mutating func ponged(_ pong: Pong, by index: Int) {
        guard endpoints[index].ping?.correlation == pong.correlation.rawValue else { return }
        endpoints[index].ping = nil
        endpoints[index].dialFailures = 0
        newestSeen = Swift.max(newestSeen, pong.logTime)
        hinted(pong.leader, by: index)
    }
}
