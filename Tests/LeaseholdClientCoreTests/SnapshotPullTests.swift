import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

@Suite struct SnapshotPullTests {
    @Test func everythingIsPulledFromAFollowerPieceByPiece() {
        var pulling = Pulling()
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.pull.index == LogIndex(100))
        #expect(pulling.bytes == Pulling.snapshot(LogIndex(100)).bytes)
        #expect(pulling.servers.count == 1 && pulling.servers != [NodeID(1)])
        // Two questions until there is a snapshot, one that is answered, and ten pieces.
        #expect(pulling.nodes[1].asked + pulling.nodes[2].asked == 13 && pulling.nodes[0].asked == 0)
    }

    @Test func aSnapshotThatIsThereIsTakenAsItIs() {
        var pulling = Pulling()
        for node in 0..<3 { pulling.nodes[node].snapshot = Pulling.snapshot(LogIndex(120)) }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.bytes == Pulling.snapshot(LogIndex(120)).bytes)
    }

    /// One that is older than what was acknowledged before would lack it.
    @Test func anOlderSnapshotIsNotTakenEvenIfItIsOffered() {
        var pulling = Pulling()
        for node in 0..<3 { pulling.nodes[node].snapshot = Pulling.snapshot(LogIndex(99)) }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.bytes == Pulling.snapshot(LogIndex(100)).bytes)
    }

    @Test func theNodeThatIsNamedServesAndNoOther() {
        var pulling = Pulling(SnapshotPullPlan(node: NodeID(1), pieceBytes: 100))
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.servers == [NodeID(1)])
        var unknown = Pulling(SnapshotPullPlan(node: NodeID(7)))
        unknown.run()
        #expect(unknown.failure == .unknownNode(NodeID(7)))
    }

    /// The bytes that came of the one before are void: it is written anew.
    @Test func anotherSnapshotThatCountsMidWayIsPulledFromItsBeginning() {
        var pulling = Pulling()
        var pieces = 0
        pulling.beforePiece = { pulling in
            pieces += 1
            guard pieces == 5 else { return }
            for node in 0..<3 { pulling.nodes[node].snapshot = Pulling.snapshot(LogIndex(130)) }
        }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.bytes == Pulling.snapshot(LogIndex(130)).bytes)
        #expect(pulling.servers.count == 2 && pulling.servers[0] == pulling.servers[1])
    }

    @Test func whoeverIsOutrunAllTheTimeIsToldSo() {
        var pulling = Pulling()
        var index: UInt64 = 200
        pulling.beforePiece = { pulling in
            index += 1
            for node in 0..<3 { pulling.nodes[node].snapshot = Pulling.snapshot(LogIndex(index)) }
        }
        pulling.run()
        guard case .outrun = pulling.failure else {
            Issue.record("\(pulling.news.last as Any)")
            return
        }
        #expect(pulling.pull.beginnings == 17)
    }

    @Test func afterABreakItGoesOnWhereItStood() throws {
        var pulling = Pulling()
        var pieces = 0
        pulling.beforePiece = { pulling in
            pieces += 1
            guard pieces == 5, let server = pulling.servers.last else { return }
            // It is down for a moment, and has the same snapshot when it is back.
            pulling.stop(Int(server.rawValue) - 1)
            pulling.nodes[Int(server.rawValue) - 1].isUp = true
        }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.servers.count == 1)
        #expect(pulling.bytes == Pulling.snapshot(LogIndex(100)).bytes)
    }

    @Test func whenTheNodeDiesMidWayAnotherServes() {
        var pulling = Pulling()
        var pieces = 0
        pulling.beforePiece = { pulling in
            pieces += 1
            guard pieces == 5, let server = pulling.servers.last else { return }
            pulling.stop(Int(server.rawValue) - 1)
            // The others have gone on by the time they are asked.
            for node in 0..<3 { pulling.nodes[node].applied = LogIndex(140) }
        }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.bytes == Pulling.snapshot(LogIndex(140)).bytes)
        #expect(pulling.servers.count == 2 && pulling.servers[0] != pulling.servers[1])
    }

    /// Snapshots of an entry are the same bytes everywhere, so that what has come is of use.
    @Test func anotherNodeWithTheVerySameSnapshotGoesOnWhereItStood() {
        var pulling = Pulling()
        for node in 0..<3 { pulling.nodes[node].snapshot = Pulling.snapshot(LogIndex(110)) }
        var pieces = 0
        pulling.beforePiece = { pulling in
            pieces += 1
            guard pieces == 5, let server = pulling.servers.last else { return }
            pulling.stop(Int(server.rawValue) - 1)
        }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.bytes == Pulling.snapshot(LogIndex(110)).bytes)
        #expect(pulling.servers.count == 1 && pieces == 11)
    }

    /// The entry that the snapshot was to have is of the one cluster, and says nothing about the other.
    @Test(arguments: [true, false]) func whenAnotherClusterHasTakenThePlaceOfTheFirstNothingIsSaved(midWay: Bool) {
        let other = ClusterID(high: 9, low: 9)
        var pulling = Pulling()
        for node in 0..<3 {
            if midWay { pulling.nodes[node].snapshot = Pulling.snapshot(LogIndex(110)) }
            pulling.nodes[node].makes = 40
        }
        func takeOver(_ pulling: inout Pulling) {
            guard pulling.cluster != other else { return }
            for node in 0..<3 { pulling.stop(node) }
            for node in 0..<3 {
                (pulling.nodes[node].isUp, pulling.nodes[node].snapshot) = (true, Pulling.snapshot(LogIndex(110)))
            }
            pulling.cluster = other
        }
        var pieces = 0
        pulling.beforePiece = { pulling in
            pieces += 1
            if pieces == 5 { takeOver(&pulling) }
        }
        if !midWay {
            // No request is under way when it happens, or one that asks for a snapshot to be made.
            pulling.run(.seconds(2))
            takeOver(&pulling)
        }
        pulling.run()
        #expect(pulling.rig.core.cluster == other && pulling.rig.clusters.count == 1)
        #expect(pulling.failure == .clusterChanged(from: Rig.cluster, to: other) && pulling.pull.isOver)
        #expect(!pulling.news.contains(.complete) && pieces == (midWay ? 5 : 0))
    }

    @Test func nodesThatAreBehindArePassedOver() {
        var pulling = Pulling()
        for node in 1..<3 { pulling.nodes[node].applied = LogIndex(50) }
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.servers == [NodeID(1)])
    }

    @Test func whatCannotBeReadIsPulledFromAnotherNodeUntilNoneIsLeft() {
        var pulling = Pulling()
        for left in [2, 1, 0] {
            pulling.run()
            #expect(pulling.news.last == .complete)
            pulling.take(pulling.pull.refuse(pulling.rig.core, now: pulling.rig.now))
            #expect(pulling.pull.isOver == (left == 0))
        }
        guard case .damaged = pulling.failure else {
            Issue.record("\(pulling.news.last as Any)")
            return
        }
        #expect(Set(pulling.servers.map(\.rawValue)) == [1, 2, 3])
    }

    @Test func whenNobodyCanItIsGivenUpAtOnce() {
        var pulling = Pulling()
        for node in 0..<3 { pulling.nodes[node].refusal = .notSupported }
        let began = pulling.rig.now
        pulling.run()
        #expect(pulling.failure == .notDone(.refused(Refusal(.notSupported, retryAfter: .milliseconds(100)))))
        #expect(pulling.rig.now - began < .seconds(1))
    }

    @Test func whenNothingComesOfItItIsGivenUpInTime() {
        var pulling = Pulling()
        pulling.beforePiece = { pulling in
            for node in 0..<3 { pulling.stop(node) }
        }
        let began = pulling.rig.now
        pulling.run()
        guard case .notDone(.unreachable) = pulling.failure else {
            Issue.record("\(pulling.news.last as Any)")
            return
        }
        #expect(pulling.rig.now - began >= .seconds(30) && pulling.rig.now - began < .seconds(45))
    }

    @Test func eachNodeHasItsTimeHoweverManyAreGoneOrBehind() {
        var plan = SnapshotPullPlan(pieceBytes: 100)
        plan.patience = plan.timeout
        var pulling = Pulling(plan)
        pulling.nodes[1].isSilent = true
        pulling.nodes[2].applied = LogIndex(50)
        pulling.run()
        #expect(pulling.news.last == .complete && pulling.servers == [NodeID(1)])
        #expect(pulling.bytes == Pulling.snapshot(LogIndex(100)).bytes)
    }

    /// The others answer: it is soon said who does not.
    @Test func theOnlyNodeThatMayServeAndDoesNotAnswerIsNamedWithinTheTimeout() {
        var pulling = Pulling(SnapshotPullPlan(node: NodeID(3)))
        pulling.stop(2)
        let began = pulling.rig.now
        pulling.run()
        #expect(pulling.failure == .silent(NodeID(3)))
        #expect(pulling.rig.now - began <= .seconds(10))
    }

    @Test func aNodeThatNeverGetsDoneWithItsSnapshotIsGivenUp() {
        var pulling = Pulling(SnapshotPullPlan(node: NodeID(2), takingPatience: .seconds(60)))
        pulling.nodes[1].makes = .max
        let began = pulling.rig.now
        pulling.run()
        #expect(pulling.failure == .takesTooLong(NodeID(2)))
        let took = pulling.rig.now - began
        #expect(took >= .seconds(60) && took < .seconds(75), "\(took)")
    }

    /// Each is given its time, and only when none is left it is told that they take too long.
    @Test(arguments: [true, false]) func whenANodeNeverGetsDoneTheNextIsAsked(another: Bool) {
        var pulling = Pulling(SnapshotPullPlan(takingPatience: .seconds(60)))
        for node in another ? [1, 2] : [0, 1, 2] { pulling.nodes[node].makes = .max }
        let began = pulling.rig.now
        pulling.run()
        let took = pulling.rig.now - began
        if another {
            #expect(pulling.news.last == .complete && pulling.servers == [NodeID(1)])
            #expect(took >= .seconds(120) && took < .seconds(150), "\(took)")
        } else {
            guard case .takesTooLong = pulling.failure else {
                Issue.record("\(pulling.news.last as Any)")
                return
            }
            #expect(took >= .seconds(180) && took < .seconds(225), "\(took)")
        }
        #expect(pulling.nodes[1].asked > 10 && pulling.nodes[2].asked > 10)
    }
}
