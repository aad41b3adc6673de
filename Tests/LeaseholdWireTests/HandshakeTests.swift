import LeaseholdBase
import LeaseholdWire
import Testing

@Suite struct HandshakeTests {
    static let cluster = ClusterID(high: 0x1122_3344_5566_7788, low: 0x99AA_BBCC_DDEE_FF00)

    static let peerHellos = [
        PeerHello(
            cluster: .unborn, sender: NodeIdentity(node: NodeID(1), incarnation: Incarnation(77)),
            receiver: NodeIdentity(node: NodeID(2), incarnation: .unknown), newestSyncedBatch: 0, peerAddress: "",
            clientAddress: ""),
        PeerHello(
            protocols: ProtocolRange(oldest: 1, newest: 9), features: FeatureSet(rawValue: 1 << 63), cluster: cluster,
            sender: NodeIdentity(node: NodeID(3), incarnation: Incarnation(.max)),
            receiver: NodeIdentity(node: NodeID(.max), incarnation: Incarnation(5)), newestSyncedBatch: 123_456,
            peerAddress: "[::1]:7501", clientAddress: "unix:/run/leasehold/ü.socket",
            levels: CommandLevels(known: 9, inForce: 8)),
    ]

    static let welcomes = [
        Welcome(cluster: cluster, node: NodeID(1), logTime: LogTime(5), leader: .none),
        Welcome(
            protocolVersion: 4, features: FeatureSet(rawValue: 3), cluster: cluster, node: NodeID(2),
            belief: BeliefRule(driftPartsPerMillion: 20_000, margin: .milliseconds(25)),
            limits: AdvertisedLimits(
                nameBytes: 1, holderBytes: 2, valueBytes: 3, renewalClaims: 4, shortestTTL: .seconds(5),
                longestTTL: .seconds(6)), logTime: .never,
            leader: LeaderHint(node: NodeID(3), clientAddress: "127.0.0.1:7403")),
    ]

    @Test func aPeerHelloTravelsUnchanged() throws {
        for hello in Self.peerHellos {
            for answering in [false, true] {
                var frame: [UInt8] = []
                hello.encodeFrame(answering: answering, into: &frame)
                let body = try body(of: frame, answering ? .peerHelloAnswer : .peerHello)
                let decoded = try PeerHello(decoding: body.span.bytes)
                #expect(decoded == hello)
            }
        }
    }

    /// What was added stands behind all else, in a field that is counted.
    @Test func aPeerHelloOfAnEarlierOrALaterProgramIsRead() throws {
        var frame: [UInt8] = []
        Self.peerHellos[1].encodeFrame(answering: false, into: &frame)
        var bytes = try body(of: frame, .peerHello)
        let count = PeerHello.addedBytes
        let earlier = Array(bytes.dropLast(count + 2)) + [0, 0]
        let old = try PeerHello(decoding: earlier.span.bytes)
        #expect(old.levels == .first && old.peerAddress == Self.peerHellos[1].peerAddress)
        bytes[bytes.count - count - 2] += 3
        bytes += [7, 7, 7]
        let later = try PeerHello(decoding: bytes.span.bytes)
        #expect(later == Self.peerHellos[1])
    }

    @Test func whoSpeaksNoCommonVersionIsToldBothRangesAndWhatToDo() {
        let (own, other) = (ProtocolRange.current, ProtocolRange(oldest: 2, newest: 3))
        #expect(own.common(with: other) == nil)
        let words = own.refusal(of: other, "peer")
        #expect(words.contains("versions 2 to 3 of the peer protocol") && words.contains("this node 1 to 1"))
        #expect(words.contains("use a later version of the node's program"))
        #expect(other.refusal(of: own, "peer").contains("use a later version of the other program"))
    }

    @Test func aWelcomeTravelsUnchanged() throws {
        for welcome in Self.welcomes {
            var frame: [UInt8] = []
            welcome.encodeFrame(into: &frame)
            let body = try body(of: frame, .welcome)
            let decoded = try Welcome(decoding: body.span.bytes)
            #expect(decoded == welcome)
        }
    }

    @Test func aClientHelloTravelsUnchanged() throws {
        let hello = ClientHello(cluster: Self.cluster, instance: ClientInstance(42))
        var frame: [UInt8] = []
        hello.encodeFrame(into: &frame)
        let body = try body(of: frame, .clientHello)
        let decoded = try ClientHello(decoding: body.span.bytes)
        #expect(decoded == hello)
    }

    @Test func aLaterMethodOfAuthenticationIsToldApartFromGarbage() throws {
        var frame: [UInt8] = []
        ClientHello(instance: ClientInstance(42)).encodeFrame(into: &frame)
        var body = try body(of: frame, .clientHello)
        body[body.count - 5] = 9
        let decoded = try ClientHello(decoding: body.span.bytes)
        #expect(decoded.authentication == nil)
    }

    @Test func fieldsOfALaterVersionAreSkipped() throws {
        var frame: [UInt8] = []
        ClientHello(cluster: Self.cluster, instance: ClientInstance(42)).encodeFrame(into: &frame)
        var body = try body(of: frame, .clientHello)
        body.removeLast(2)
        body.append(uint16: 3)
        body += [1, 2, 3]
        let decoded = try ClientHello(decoding: body.span.bytes)
        #expect(decoded == ClientHello(cluster: Self.cluster, instance: ClientInstance(42)))
    }

    @Test func aCommonVersionIsTheNewestThatBothSpeak() {
        let range = ProtocolRange(oldest: 2, newest: 5)
        #expect(range.common(with: ProtocolRange(oldest: 1, newest: 3)) == 3)
        #expect(range.common(with: ProtocolRange(oldest: 5, newest: 9)) == 5)
        #expect(range.common(with: ProtocolRange(oldest: 6, newest: 9)) == nil)
        #expect(range.common(with: ProtocolRange(oldest: 0, newest: 1)) == nil)
    }

    @Test func mutatedHandshakesNeverTrap() throws {
        let peers = try Self.peerHellos.map { hello in
            var frame: [UInt8] = []
            hello.encodeFrame(answering: false, into: &frame)
            return try body(of: frame, .peerHello)
        }
        let welcomes = try Self.welcomes.map { welcome in
            var frame: [UInt8] = []
            welcome.encodeFrame(into: &frame)
            return try body(of: frame, .welcome)
        }
        var frame: [UInt8] = []
        ClientHello(cluster: Self.cluster, instance: ClientInstance(42)).encodeFrame(into: &frame)
        let hellos = [try body(of: frame, .clientHello)]
        let tallies = [
            Mutation.run(seed: 2, corpus: peers) { _ = try PeerHello(decoding: $0) },
            Mutation.run(seed: 3, corpus: welcomes) { _ = try Welcome(decoding: $0) },
            Mutation.run(seed: 4, corpus: hellos) { _ = try ClientHello(decoding: $0) },
        ]
        for tally in tallies { #expect(tally.refused > 0 && tally.accepted > 0) }
        #expect(Mutation.everyTruncationIsRefused(peers) { _ = try PeerHello(decoding: $0) })
        #expect(Mutation.everyTruncationIsRefused(welcomes) { _ = try Welcome(decoding: $0) })
        #expect(Mutation.everyTruncationIsRefused(hellos) { _ = try ClientHello(decoding: $0) })
    }
}
