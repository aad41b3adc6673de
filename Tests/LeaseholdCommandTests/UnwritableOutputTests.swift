import LeaseholdBase
import LeaseholdCommand
import LeaseholdSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Results that nobody gets.
@Suite struct UnwritableOutputTests {
    private static let tenure = Tenure(
        name: "jobs/a", claim: ClaimID(7), token: FencingToken(8), holder: "h", ttl: .seconds(9), validFor: .seconds(8))

    @Test func aResultThatCannotBeWrittenIsAFailure() throws {
        let full = try File("/dev/full", .write)
        let output = Output(format: .json, to: StandardStream(descriptor: full.number))
        let failure = #expect(throws: CommandFailure.self) { try output.write(.null) { "" } }
        #expect(failure?.code == .ioError && failure?.code.exitStatus == 74)
        #expect(failure?.message == "the result cannot be written to standard output: No space left on device")
        withExtendedLifetime(full) {}
    }

    /// Nobody else knows the claim, and without it the lease cannot be released.
    @Test func whatWasAcquiredIsToldWithTheFailure() throws {
        let full = try File("/dev/full", .write)
        let output = Output(format: .table, to: StandardStream(descriptor: full.number))
        let tenure = Self.tenure
        let failure = #expect(throws: CommandFailure.self) {
            try output.write(tenure.json, done: tenure.sentence, details: tenure.keys) { tenure.table }
        }
        #expect(
            failure?.message.hasPrefix("jobs/a is held under claim 7 and token 8, but the result cannot be") == true)
        #expect(failure?.json.text.hasSuffix(#", "name": "jobs/a", "claim": "7", "token": "8"}"#) == true)
        withExtendedLifetime(full) {}
    }

    @Test func aReaderThatHasSeenEnoughIsNoFailure() throws {
        SignalQueue.ignoreBrokenPipes()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        try Output(format: .table, to: StandardStream(descriptor: ends[1])).write("as much as anybody reads\n")
        close(ends[1])
    }
}
