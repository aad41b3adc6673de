internal import CLeaseholdSystem

extension ByteQueue {
    /// Reads once from a socket, at most so many bytes.
    mutating func receive(from descriptor: Int32, atMost limit: Int) throws(SystemError) -> Transfer {
        let wanted = min(limit, room)
        precondition(wanted > 0, "a full queue is not read into")
        let place = unsafe reserve(wanted)
        let outcome = try transfer(.read) { unsafe leasehold_receive(descriptor, place, wanted) }
        if case .moved(let moved) = outcome { commit(moved) }
        return outcome
    }

    /// Writes once to a socket, as much as it takes.
    mutating func send(to descriptor: Int32) throws(SystemError) -> Transfer {
        let outcome = try unsafe readable.withUnsafeBytes { (bytes) throws(SystemError) -> Transfer in
            try transfer(.write) { unsafe leasehold_send(descriptor, bytes.baseAddress, bytes.count) }
        }
        if case .moved(let moved) = outcome { consume(moved) }
        return outcome
    }
}
