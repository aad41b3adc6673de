import Testing

@testable import LeaseholdServer

@Suite struct LogWriterTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_123, "2000-02-29T00:00:00.123Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_795_239_000_000, "2026-11-21T05:30:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(UInt64, String)])
    func timesAreWrittenAsPeopleReadThem(milliseconds: UInt64, text: String) {
        #expect(LogWriter.timestamp(milliseconds * 1_000_000) == text)
    }
}
