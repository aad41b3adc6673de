import LeaseholdBase
import Testing

@Suite struct BytesTests {
    @Test func whatIsWrittenIsReadBack() throws {
        var bytes: [UInt8] = []
        bytes.append(7)
        bytes.append(uint16: 0xBEEF)
        bytes.append(uint32: 0xDEAD_BEEF)
        bytes.append(uint64: .max - 1)
        let text: [UInt8] = Array("text".utf8)
        bytes.append(bytes: text.span.bytes)
        var reader = ByteReader(bytes.span.bytes)
        let byte = try reader.byte()
        let short = try reader.uint16()
        let word = try reader.uint32()
        let long = try reader.uint64()
        let slice = try reader.slice(4)
        try reader.finish()
        let sliceCount = slice.byteCount
        #expect(byte == 7 && short == 0xBEEF && word == 0xDEAD_BEEF && long == .max - 1 && sliceCount == 4)
    }

    @Test func tooFewBytesAreAnErrorAndMoveNothing() throws {
        let bytes: [UInt8] = [1, 2, 3]
        var reader = ByteReader(bytes.span.bytes)
        do {
            _ = try reader.uint32()
            Issue.record("four bytes were read from three")
        } catch {
            #expect(error == .truncated)
        }
        let remaining = reader.remaining
        #expect(remaining == 3)
        do {
            _ = try reader.slice(-1)
            Issue.record("a negative count was read")
        } catch {
            #expect(error == .truncated)
        }
    }

    @Test func overwritingKeepsTheRest() {
        var bytes = [UInt8](repeating: 9, count: 13)
        bytes.overwrite(uint32: 0, at: 0)
        bytes.overwrite(uint64: 0, at: 4)
        #expect(bytes == [UInt8](repeating: 0, count: 12) + [9])
    }
}
