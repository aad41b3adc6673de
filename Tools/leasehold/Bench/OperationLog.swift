package import LeaseholdBase
package import LeaseholdSystem

/// Writes down what was acknowledged, a JSON line each, to be checked against the cluster afterwards.
///
/// Lines are gathered and written often. An operation that may have been done or not is written too, as `unknown` with
/// what it was: it is never taken for an acknowledgement, but a release among them explains why a lease is free.
///
/// Not for two threads at a time: whoever shares it does so behind a lock.
package final class OperationLog: @unchecked Sendable {
    /// What a line tells of.
    package enum Operation: String, Sendable {
        case acquire, renew, release, read
        /// A release without a known outcome.
        case unknown
    }

    /// What a line says.
    package struct Line: Hashable, Sendable {
        /// What was acknowledged.
        package var operation: Operation
        /// The lease.
        package var name: String
        /// The claim, where there is one.
        package var claim: ClaimID?
        /// The token, where there is one.
        package var token: FencingToken?
        /// Before the first byte of it was sent, on the clock that all processes of one start of the machine share.
        package var sent: SteadyTime
        /// After its answer was read; nil when there was none.
        package var replied: SteadyTime?
        /// What the claim lives from its renewal on, where it was acquired or renewed.
        package var ttl: Nanoseconds?

        /// Joins the fields.
        package init(
            _ operation: Operation, name: String, claim: ClaimID?, token: FencingToken?, sent: SteadyTime,
            replied: SteadyTime?, ttl: Nanoseconds?
        ) {
            self.operation = operation
            self.name = name
            self.claim = claim
            self.token = token
            self.sent = sent
            self.replied = replied
            self.ttl = ttl
        }
    }

    private let file: File
    private var offset = 0
    private var buffer: [UInt8] = []
    private var flushed = SteadyTime.zero

    private static var bufferBytes: Int { 256 << 10 }
    private static var flushInterval: Nanoseconds { .milliseconds(50) }

    /// Begins a file, in place of what was there.
    package init(_ path: String) throws(SystemError) {
        file = try File(path, .replace)
        buffer.reserveCapacity(Self.bufferBytes * 2)
    }

    /// Writes down one line.
    package func record(_ line: Line) throws(SystemError) {
        Self.append(line, to: &buffer)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Hands to the system what has been gathered for a while.
    package func flush(ifDueAt now: SteadyTime) throws(SystemError) {
        guard !buffer.isEmpty, now - flushed >= Self.flushInterval else { return }
        flushed = now
        try flush()
    }

    /// Hands everything to the system.
    package func flush() throws(SystemError) {
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        try unsafe file.write(taken.span.bytes, at: offset)
        offset += taken.count
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &buffer)
    }

    /// The line's bytes.
    package static func append(_ line: Line, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"op\": \"".utf8)
        bytes.append(contentsOf: line.operation.rawValue.utf8)
        bytes.append(contentsOf: "\", \"name\": ".utf8)
        if line.name.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F }) {
            bytes.append(contentsOf: JSON.string(line.name).text.utf8)
        } else {
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: line.name.utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: ", \"claim\": ".utf8)
        append(quoted: line.claim?.rawValue, to: &bytes)
        bytes.append(contentsOf: ", \"token\": ".utf8)
        append(quoted: line.token?.rawValue, to: &bytes)
        bytes.append(contentsOf: ", \"t_send_ns\": ".utf8)
        append(line.sent.rawValue, to: &bytes)
        bytes.append(contentsOf: ", \"t_reply_ns\": ".utf8)
        append(line.replied?.rawValue, to: &bytes)
        bytes.append(contentsOf: ", \"ttl_ms\": ".utf8)
        append(line.ttl.map { UInt64(max(0, $0.milliseconds)) }, to: &bytes)
        bytes.append(contentsOf: "}\n".utf8)
    }

    private static func append(quoted number: UInt64?, to bytes: inout [UInt8]) {
        guard number != nil else { return append(number, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
        append(number, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// The number in decimal, without a string for it.
    private static func append(_ number: UInt64?, to bytes: inout [UInt8]) {
        guard var rest = number else {
            bytes.append(contentsOf: "null".utf8)
            return
        }
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
