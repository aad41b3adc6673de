internal import CLeaseholdSystem

/// Standard output and standard error, written with write(2): nothing is buffered, so nothing is lost at an exit.
public struct StandardStream: Sendable {
    let descriptor: Int32

    /// A stream over a descriptor that stays open for as long as it is used.
    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Where results go.
    public static var output: StandardStream { StandardStream(descriptor: 1) }
    /// Where errors and the log go.
    public static var error: StandardStream { StandardStream(descriptor: 2) }

    /// Whether a person looks at it.
    public var isTerminal: Bool { leasehold_is_terminal(descriptor) == 1 }

    /// Writes all of the text, of which nobody depends on that it arrives. False when it does not.
    @discardableResult
    public func write(_ text: String) -> Bool {
        do throws(SystemError) {
            try writeAll(Array(text.utf8))
            return true
        } catch { return false }
    }

    /// Writes all of the bytes, or says why not: a full disk, a reader that is gone.
    public func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe leasehold_write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if written >= 0 {
                start += written
            } else if written == Int(-leasehold_error_again) {
                // Somebody made the terminal non-blocking, which is shared with us.
                _ = leasehold_wait_writable(descriptor)
            } else if written != Int(-leasehold_error_interrupted) {
                throw SystemError(call: .write, code: ErrorCode(rawValue: Int32(truncatingIfNeeded: 0 &- written)))
            }
        }
    }
}
