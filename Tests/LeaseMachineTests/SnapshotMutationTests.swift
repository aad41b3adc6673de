import LeaseMachine
import LeaseholdBase
import Testing

/// Whatever bytes a snapshot has, loading it tells an error or gives a sound machine.
@Suite struct SnapshotMutationTests {
    #if DEBUG
    private static let rounds = 3_000
    #else
    private static let rounds = 300_000
    #endif

    @Test func noMutatedSnapshotTrapsItsLoader() {
        var random = RandomSource(seed: 26)
        let original = TestLog.varied.machine.snapshotBytes(chunkBytes: 200)
        let parts = SnapshotBytes(original)
        var (loaded, corrupt, unsupported) = (0, 0, 0)
        for round in 0..<Self.rounds {
            var bytes = original
            if round.isMultiple(of: 3) {
                bytes = MutatedBytesTests.mutated(original, &random)
            } else {
                // What is inside is changed, and every checksum is right.
                var parts = parts
                for _ in 0..<random.integer(in: 1...2) {
                    let place = random.integer(in: 0...parts.chunks.count - 1)
                    parts.chunks[place].payload = MutatedBytesTests.mutated(parts.chunks[place].payload, &random)
                    if random.chance(1, in: 20) { parts.chunks[place].section = UInt8(random.below(8)) }
                }
                bytes = parts.bytes
            }
            do throws(SnapshotError) {
                let machine = try Self.load(bytes, &random)
                loaded += 1
                let violations = machine.violations()
                if !violations.isEmpty { Issue.record("round \(round): \(violations)") }
            } catch {
                switch error {
                case .corrupt: corrupt += 1
                case .unsupported: unsupported += 1
                }
            }
        }
        #expect(loaded > 0 && corrupt > Self.rounds / 4 && unsupported > 0)
    }

    private static func load(_ bytes: [UInt8], _ random: inout RandomSource) throws(SnapshotError) -> LeaseMachine {
        var loader = SnapshotLoader(hashSeed: 3)
        var offset = 0
        while offset < bytes.count {
            let count = min(bytes.count - offset, random.integer(in: 1...400))
            try loader.load(bytes.span.bytes.extracting(offset..<offset + count))
            offset += count
        }
        return try loader.finish()
    }
}
