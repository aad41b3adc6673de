internal import CLeaseholdSystem

/// Standard output and standard error, written with write(2): nothing is buffered, so nothing is lost at an exit.
public struct StandardStream: Sendable {
    let descriptor: Int32

    /// Where results go.
    public static var output: StandardStream { StandardStream(descriptor: 1) }
    /// Where errors and the log go.
    public static var error: StandardStream { StandardStream(descriptor: 2) }

    /// Whether a person looks at it.
    public var isTerminal: Bool { leasehold_is_terminal(descriptor) == 1 }

    /// Writes all of the text. False when nobody reads any more.
    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes all of the bytes. False when nobody reads any more.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
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
                return false
            }
        }
        return true
    }
}
