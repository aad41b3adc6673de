internal import CLeaseholdSystem

/// Owns an open descriptor of the kernel and closes it at the end of its life.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number, valid as long as this value lives.
    public let number: Int32

    /// Takes a descriptor over; nobody else closes it.
    public init(owning number: Int32) { self.number = number }

    deinit { _ = leasehold_close(number) }

    /// Gives the descriptor up without closing it.
    public consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}
