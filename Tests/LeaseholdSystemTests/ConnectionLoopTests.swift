import Foundation
import LeaseholdBase
import LeaseholdSystem
import Testing

/// A loop that is both sides of its connections, so that a test needs one thread and no waiting.
///
/// A class around the noncopyable loop, because expectations take apart only what can be copied.
private final class BothSides {
    var loop: ConnectionLoop
    let endpoint: Endpoint
    var events: [LoopEvent] = []

    init(
        at endpoint: Endpoint = .internet(host: "127.0.0.1", port: 0), connectionsMax: Int = 64,
        limits: ConnectionLimits = ConnectionLimits(), acceptedMax: Int = .max
    ) throws {
        loop = try ConnectionLoop(connectionsMax: connectionsMax)
        let listener = try Listener(at: endpoint)
        self.endpoint = listener.endpoint
        try loop.listen(listener, tag: 5, limits: limits, connectionsMax: acceptedMax)
    }

    var count: Int { loop.count }
    func dial(_ endpoint: Endpoint) -> ConnectionID? { loop.dial(endpoint) }
    func send(_ bytes: [UInt8], to id: ConnectionID) -> Bool { loop.send(bytes.span.bytes, to: id) }
    func queued(for id: ConnectionID) -> Int { loop.queued(for: id) }
    func turn() throws { try loop.wait(until: .zero, into: &events) }

    /// The bytes that wait in a connection's input.
    func input(of id: ConnectionID) -> [UInt8] { Self.copy(id, of: &loop) }

    private static func copy(_ id: ConnectionID, of loop: inout ConnectionLoop) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bytes: loop.input(of: id))
        return bytes
    }

    /// Turns until an event answers the question; nil when none did for a long time.
    func next<Answer>(_ question: (LoopEvent) -> Answer?) throws -> Answer? {
        let patience = SystemClocks.steady + .seconds(20)
        while SystemClocks.steady < patience {
            for index in events.indices {
                if let answer = question(events[index]) {
                    events.removeSubrange(...index)
                    return answer
                }
            }
            try loop.wait(until: patience, into: &events)
        }
        return nil
    }

    /// Opens a connection; the ids of its two ends.
    func open() throws -> (near: ConnectionID, far: ConnectionID) {
        let near = try #require(dial(endpoint))
        var connected = false
        var far: ConnectionID?
        _ = try next { event -> Bool? in
            if case .connected(near) = event { connected = true }
            if case .accepted(let id, listener: 5) = event { far = id }
            return connected && far != nil ? true : nil
        }
        return (near, try #require(far))
    }

    /// Turns until so many bytes have come, and takes them.
    func receive(_ count: Int, at id: ConnectionID) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let available = input(of: id)
            if !available.isEmpty {
                bytes += available
                loop.consume(available.count, of: id)
                continue
            }
            let came = try next { event -> Bool? in
                if case .received(id) = event { return true }
                if case .closed(id, _) = event { return false }
                return nil
            }
            guard came == true else { break }
        }
        return bytes
    }

    func cameIn(at id: ConnectionID) throws -> Bool {
        try next { if case .received(id) = $0 { true } else { nil } } ?? false
    }

    func endOf(_ id: ConnectionID) throws -> CloseReason? {
        try next { if case .closed(id, let reason) = $0 { reason } else { nil } }
    }

    func failure(of id: ConnectionID) throws -> DialFailure? {
        try next { if case .dialFailed(id, let failure) = $0 { failure } else { nil } }
    }
}

@Suite struct ConnectionLoopTests {
    #if os(Linux)
    @Test func theKernelLooksAfterIdleConnections() throws {
        let sides = try BothSides()
        _ = try sides.open()
        guard case .internet(_, let port) = sides.endpoint else { return }
        let bytes = try withExtendedLifetime(sides) {
            // Its size is said to be nothing: it is read to its end.
            try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/net/tcp")).readToEnd()
        }
        let table = String(decoding: bytes ?? Data(), as: UTF8.self)
        let ends = table.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }.filter { line in
            // Established, and of this listener on one side or the other.
            line[3] == "01" && [line[1], line[2]].contains { Int($0.suffix(4), radix: 16) == Int(port) }
        }
        // A connection of somebody else may have the same number at its own end: two of these are ours at least. The
        // second timer of a connection at rest is the one of keep-alive.
        #expect(ends.filter { $0[5].hasPrefix("02:") }.count >= 2)
    }
    #endif

    @Test(arguments: ["127.0.0.1:0", "[::1]:0", "localhost:0", "unix:"])
    func bytesGoBothWays(place: String) throws {
        let directory = try TemporaryDirectory()
        let text = place == "unix:" ? "unix:\(directory.path)/socket" : place
        let sides = try BothSides(at: try #require(Endpoint(text)))
        let (near, far) = try sides.open()
        _ = sides.send([1, 2], to: near)
        _ = sides.send([3], to: near)
        #expect(try sides.receive(3, at: far) == [1, 2, 3])
        _ = sides.send([4, 5], to: far)
        #expect(try sides.receive(2, at: near) == [4, 5])
        #expect(sides.count == 2)
    }

    @Test func whatIsNotConsumedStaysInFront() throws {
        let sides = try BothSides()
        let (near, far) = try sides.open()
        _ = sides.send([1, 2, 3], to: near)
        #expect(try sides.cameIn(at: far))
        sides.loop.consume(1, of: far)
        _ = sides.send([4], to: near)
        #expect(try sides.cameIn(at: far))
        #expect(try sides.receive(3, at: far) == [2, 3, 4])
    }

    @Test func aLargeTransferArrivesWholeInBothDirections() throws {
        var limits = ConnectionLimits(outputBytes: 8 << 20)
        limits.inputBytes = 1 << 20
        let sides = try BothSides(limits: limits)
        let (near, far) = try sides.open()
        let sent = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        _ = sides.send(sent, to: far)
        #expect(try sides.receive(sent.count, at: near) == sent)
        // The near side has a client's bound; what it says must come in pieces.
        var echoed: [UInt8] = []
        for start in stride(from: 0, to: sent.count, by: 500_000) {
            let piece = Array(sent[start..<min(start + 500_000, sent.count)])
            _ = sides.send(piece, to: near)
            echoed += try sides.receive(piece.count, at: far)
        }
        #expect(echoed == sent)
    }

    @Test func aCloseSendsWhatWasQueuedFirst() throws {
        let sides = try BothSides()
        let (near, far) = try sides.open()
        // Unread bytes at the closing side would reset the connection, and lose the answer, were it closed at once.
        _ = sides.send([9, 9, 9], to: near)
        sides.loop.flush()
        _ = sides.send([1, 2, 3], to: far)
        sides.loop.close(far)
        #expect(!sides.send([4], to: far))
        #expect(try sides.receive(3, at: near) == [1, 2, 3])
        #expect(try sides.endOf(near) == .ended)
        // The far side is given back once the near one is gone; our own closing is not told.
        try sides.loop.wait(until: SystemClocks.steady + .seconds(20), into: &sides.events)
        #expect(sides.events.isEmpty)
        #expect(sides.count == 0)
    }

    @Test func aStaleKeyNamesNothing() throws {
        let sides = try BothSides()
        let (near, far) = try sides.open()
        sides.loop.abandon(near)
        let (again, _) = try sides.open()
        #expect(again != near)
        #expect(!sides.send([1], to: near))
        sides.loop.close(near)
        sides.loop.consume(5, of: near)
        #expect(sides.input(of: near).count == 0)
        #expect(sides.send([1], to: again))
        #expect(far != near)
        let garbage = ConnectionID(.max)
        #expect(!sides.send([1], to: garbage))
    }

    @Test func aPeerThatDoesNotReadIsCutOffAtTheBound() throws {
        var limits = ConnectionLimits()
        limits.outputBytes = 64 << 10
        let sides = try BothSides(limits: limits)
        let (_, far) = try sides.open()
        var sent = 0
        while sides.send([UInt8](repeating: 7, count: 32 << 10), to: far), sent < 64 << 20 {
            sent += 32 << 10
            sides.loop.flush()
        }
        #expect(sent < 64 << 20)
        #expect(try sides.endOf(far) == .overflow)
    }

    @Test func readingStopsWhileTooMuchWaitsToBeSentAndGoesOnAfter() throws {
        var limits = ConnectionLimits(outputBytes: 64 << 20)
        limits.outputHigh = 1 << 20
        limits.outputLow = 1 << 10
        let sides = try BothSides(limits: limits)
        let (near, far) = try sides.open()
        // Far more than the kernel buffers, so that most of it stays queued.
        let much = [UInt8](repeating: 7, count: 32 << 20)
        _ = sides.send(much, to: far)
        sides.loop.flush()
        #expect(sides.queued(for: far) > limits.outputHigh)
        _ = sides.send([1, 2, 3], to: near)
        try sides.turn()
        try sides.turn()
        #expect(sides.input(of: far).count == 0)
        // The near side's own input is bounded too; it is emptied until all has come.
        #expect(try sides.receive(much.count, at: near).count == much.count)
        #expect(try sides.receive(3, at: far) == [1, 2, 3])
    }

    @Test func aFullInputIsNotReadIntoUntilSomeOfItIsConsumed() throws {
        var limits = ConnectionLimits()
        limits.inputBytes = 1_000
        let sides = try BothSides(limits: limits)
        let (near, far) = try sides.open()
        let sent = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        _ = sides.send(sent, to: near)
        #expect(try sides.cameIn(at: far))
        for _ in 0..<3 { try sides.turn() }
        #expect(sides.input(of: far).count == 1_000)
        #expect(try sides.receive(5_000, at: far) == sent)
    }

    @Test func connectionsBeyondTheListenersShareAreTurnedAway() throws {
        let sides = try BothSides(acceptedMax: 1)
        let (near, _) = try sides.open()
        let extra = try #require(sides.dial(sides.endpoint))
        #expect(try sides.endOf(extra) != nil)
        #expect(sides.loop.turnedAway == 1)
        sides.loop.abandon(near)
        _ = try sides.next { if case .closed = $0 { true } else { nil } }
        let (again, far) = try sides.open()
        _ = sides.send([1], to: again)
        #expect(try sides.receive(1, at: far) == [1])
    }

    @Test func aFullTableDialsNothing() throws {
        let sides = try BothSides(connectionsMax: 2)
        _ = try sides.open()
        #expect(sides.dial(sides.endpoint) == nil)
    }

    @Test func aRefusedDialSaysSo() throws {
        let listener = try Listener(at: .internet(host: "127.0.0.1", port: 0))
        let endpoint = listener.endpoint
        _ = consume listener
        let sides = try BothSides()
        let id = try #require(sides.dial(endpoint))
        #expect(try sides.failure(of: id) == .failed(SystemError(call: .connect, code: .connectionRefused)))
        #expect(sides.count == 0)
    }

    @Test func aNameWithoutAnAddressSaysSo() throws {
        let sides = try BothSides()
        let id = try #require(sides.dial(.internet(host: "no..name", port: 1)))
        #expect(try sides.failure(of: id) == .unresolvable)
        #expect(sides.loop.lastResolutionError?.endpoint == .internet(host: "no..name", port: 1))
    }

    @Test func aDialThatNobodyAnswersEndsInTime() throws {
        let sides = try BothSides()
        sides.loop.dialTimeout = .zero
        let id = try #require(sides.dial(.internet(host: "localhost", port: 1)))
        #expect(try sides.failure(of: id) == .timedOut)
    }

    @Test func aPortInUseIsToldApart() throws {
        let listener = try Listener(at: .internet(host: "127.0.0.1", port: 0))
        let error = #expect(throws: ListenError.self) { _ = try Listener(at: listener.endpoint) }
        #expect(error == .addressInUse(listener.endpoint))
        let directory = try TemporaryDirectory()
        let local = Endpoint.local(path: "\(directory.path)/socket")
        do {
            let first = try Listener(at: local)
            let error = #expect(throws: ListenError.self) { _ = try Listener(at: local) }
            #expect(error == .addressInUse(local))
            _ = consume first
        }
        // Its process is gone, its name is left: that is not in use.
        let second = try Listener(at: local)
        _ = consume second
        _ = consume listener
    }

    @Test func aWakeUpFromAnotherThreadEndsTheWait() throws {
        let sides = try BothSides()
        let wakeUp = try WakeUp()
        try sides.loop.watch(wakeUp, tag: 3)
        let thread = try SystemThread(name: "waker") { wakeUp.signal() }
        let tag: Int? = try sides.next { if case .ready(let tag) = $0 { tag } else { nil } }
        #expect(tag == 3)
        wakeUp.clear()
        try sides.turn()
        #expect(sides.events.isEmpty)
        thread.join()
    }

    @Test func aListenerThatStoppedTakesNobodyIn() throws {
        let sides = try BothSides()
        let (near, far) = try sides.open()
        sides.loop.stopListening()
        let id = try #require(sides.dial(sides.endpoint))
        #expect(try sides.failure(of: id) == .failed(SystemError(call: .connect, code: .connectionRefused)))
        _ = sides.send([1], to: near)
        #expect(try sides.receive(1, at: far) == [1])
    }
}
