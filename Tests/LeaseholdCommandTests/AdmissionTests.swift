import LeaseholdBase
import LeaseholdCommand
import LeaseholdSystem
import LeaseholdWire
import Raft
import Testing

@Suite struct AdmissionTests {
    private static let cluster = ClusterID(high: 1, low: 2)
    private static let first = member(1)

    private static func member(_ id: UInt64, port: Int = 7400) -> Member {
        Member(
            id: NodeID(id), peerAddress: "10.0.0.\(id):\(port + 100)", clientAddress: "10.0.0.\(id):\(port)",
            incarnation: Incarnation(100 + id))
    }

    private static var known: MemberList {
        get throws {
            let membership = Membership(clusterID: cluster, members: [first], voters: [first.id])
            return MemberList(try #require(membership))
        }
    }

    private func status(_ member: Member, of cluster: ClusterID) -> NodeStatus {
        NodeStatus(
            cluster: cluster, identity: NodeIdentity(node: member.id, incarnation: member.incarnation), role: .follower,
            term: .zero, leader: nil, last: .zero, commit: .zero, applied: .zero, process: 1,
            clientAddress: member.clientAddress, peerAddress: member.peerAddress, digestHigh: 0, digestLow: 0,
            members: [])
    }

    private func change(_ member: Member, of cluster: ClusterID, at address: String? = nil) throws -> MembershipChange?
    {
        let endpoint = try #require(Endpoint(address ?? member.clientAddress))
        return try Admission.change(by: status(member, of: cluster), at: endpoint, in: Self.known)
    }

    private func refusal(_ member: Member, of cluster: ClusterID, at address: String? = nil) -> CommandFailure? {
        #expect(throws: CommandFailure.self) { _ = try change(member, of: cluster, at: address) }
    }

    @Test func anEmptyDirectoryIsTakenInAndAMemberIsKnownWhereItIs() throws {
        let second = Self.member(2)
        #expect(try change(second, of: .unborn) == .addLearner(second))
        #expect(try change(Self.first, of: Self.cluster) == nil)
        let moved = Self.member(1, port: 9400)
        #expect(
            try change(moved, of: Self.cluster)
                == .setAddresses(NodeID(1), peer: moved.peerAddress, client: moved.clientAddress))
    }

    @Test func aNodeOfAnotherClusterIsNotTakenIn() throws {
        let other = ClusterID(high: 1, low: 3)
        for member in [Self.member(2), Self.first] {
            let failure = try #require(refusal(member, of: other))
            #expect(failure.code == .wrongIdentity && failure.code.exitStatus == 78)
            #expect(failure.message.contains(other.description) && failure.message.contains(Self.cluster.description))
        }
    }

    @Test func aNodeThatSaysItIsElsewhereOrNowhereIsRefused() {
        let elsewhere = refusal(Self.first, of: Self.cluster, at: "10.0.0.1:9400")
        #expect(elsewhere?.code == .memberRefused && elsewhere?.message.contains("10.0.0.1:7400") == true)
        for address in ["0.0.0.0:7404", "[::]:7404", "10.0.0.4:0"] {
            var member = Self.member(2)
            member.peerAddress = address
            #expect(refusal(member, of: .unborn)?.code == .memberRefused)
        }
        var other = Self.first
        other.incarnation = Incarnation(9)
        #expect(refusal(other, of: .unborn)?.message.contains("another data directory") == true)
    }
}

@Suite struct AdvertisedTests {
    private static let flags: [Flag] = ["listen-client", "listen-peer", "advertise-client", "advertise-peer"].map {
        .value($0, "ADDRESS", "")
    }

    private func advertised(_ line: String) throws(CommandFailure) -> Advertised {
        try Advertised(Arguments(line.split(separator: " ").map(String.init), flags: Self.flags))
    }

    @Test func aNodeThatListensEverywhereSaysWhereItIsReached() throws {
        let plain = try advertised("--listen-client 10.0.0.4:7404 --listen-peer 10.0.0.4:7504")
        #expect(plain.client == .internet(host: "10.0.0.4", port: 7404))
        #expect(plain.peer == .internet(host: "10.0.0.4", port: 7504))
        let other = try advertised(
            "--listen-client 0.0.0.0:7404 --listen-peer [::]:7504 --advertise-client node4:7404 --advertise-peer node4:7504"
        )
        #expect(other.client == .internet(host: "node4", port: 7404) && other.peer.port == 7504)
    }

    @Test(arguments: [
        "--listen-client 0.0.0.0:7404 --listen-peer 10.0.0.4:7504",
        "--listen-client 10.0.0.4:7404 --listen-peer [::]:7504",
        "--listen-client 10.0.0.4:0 --listen-peer 10.0.0.4:7504",
        "--listen-client 10.0.0.4:7404 --listen-peer 10.0.0.4:7504 --advertise-peer 0.0.0.0:7504",
    ])
    func aWildcardIsNoAddressToTellOthers(line: String) {
        let failure = #expect(throws: CommandFailure.self) { _ = try advertised(line) }
        #expect(failure?.code == .usage && failure?.message.contains("--advertise-") == true)
    }

    @Test func aWildcardIsNoAddressInTheListOfACluster() throws {
        #expect(try Command.clusterList("1=10.0.0.1:7501/10.0.0.1:7401").count == 1)
        for text in ["1=0.0.0.0:7501/10.0.0.1:7401", "1=10.0.0.1:7501/[::]:7401", "1=10.0.0.1:7501/10.0.0.1:0"] {
            let failure = #expect(throws: CommandFailure.self) { _ = try Command.clusterList(text) }
            #expect(failure?.code == .usage && failure?.message.contains("node 1") == true)
        }
    }
}
