internal import CLeaseholdSystem

/// Random bits of the kernel, for seeds, incarnations and instances.
public enum SystemRandom {
    /// 64 random bits.
    public static func next() throws(SystemError) -> UInt64 {
        var value: UInt64 = 0
        _ = try perform(.getrandom) { unsafe leasehold_random(&value, MemoryLayout<UInt64>.size) }
        return value
    }
}
