import LeaseholdBase
import Testing

@Suite struct ConnectionFlowTests {
    private let limits = ConnectionLimits(outputBytes: 800)

    @Test func whatDoesNotFitIsNotQueued() {
        let flow = ConnectionFlow(limits: limits)
        #expect(flow.admits(800, behind: 0))
        #expect(!flow.admits(801, behind: 0))
        #expect(flow.admits(1, behind: 799))
        #expect(!flow.admits(1, behind: 800))
    }

    @Test func aPeerThatDoesNotReadIsNotReadFromUntilItHasReadMostOfIt() {
        var flow = ConnectionFlow(limits: limits)
        flow.wrote(leaving: 400)
        #expect(flow.reads(unconsumed: 0))
        flow.wrote(leaving: 401)
        #expect(!flow.reads(unconsumed: 0))
        flow.wrote(leaving: 101)
        #expect(!flow.reads(unconsumed: 0))
        flow.wrote(leaving: 100)
        #expect(flow.reads(unconsumed: 0))
    }

    @Test func aShortWriteBlocksUntilTheSystemTakesBytesAgain() {
        var flow = ConnectionFlow(limits: limits)
        flow.wrote(leaving: 0)
        #expect(!flow.isBlocked)
        flow.wrote(leaving: 1)
        #expect(flow.isBlocked)
        flow.unblock()
        #expect(!flow.isBlocked)
    }

    @Test func aFullInputIsNotRead() {
        let flow = ConnectionFlow()
        #expect(flow.reads(unconsumed: flow.limits.inputBytes - 1))
        #expect(!flow.reads(unconsumed: flow.limits.inputBytes))
    }
}
