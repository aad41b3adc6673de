import LeaseholdBase
import Testing

@Suite struct CRC32CTests {
    @Test func knownVectorsOfTheRFC() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46DD_794E)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    }

    @Test func continuesFromAnEarlierChecksum() {
        let bytes = [UInt8](0..<100)
        for cut in 0...100 {
            let first = CRC32C.checksum(Array(bytes[..<cut]))
            let rest = Array(bytes[cut...])
            #expect(CRC32C.checksum(rest.span.bytes, from: first) == CRC32C.checksum(bytes))
        }
    }
}
