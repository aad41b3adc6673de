internal import CLeaseholdSystem

/// The signals that Leasehold sends or waits for.
public enum Signal: Hashable, Sendable {
    case terminate, interrupt, child, hangUp, kill, stop, `continue`

    /// The system's number.
    public var number: Int32 {
        switch self {
        case .terminate: leasehold_signal_terminate
        case .interrupt: leasehold_signal_interrupt
        case .child: leasehold_signal_child
        case .hangUp: leasehold_signal_hang_up
        case .kill: leasehold_signal_kill
        case .stop: leasehold_signal_stop
        case .continue: leasehold_signal_continue
        }
    }

    init?(number: Int32) {
        let known: [Signal] = [.terminate, .interrupt, .child, .hangUp, .kill, .stop, .continue]
        guard let signal = known.first(where: { $0.number == number }) else { return nil }
        self = signal
    }
}

/// Signals as something to wait for, instead of as interruptions.
///
/// Made on the main thread before any other thread is started: a signal goes to any thread that has not blocked it, and
/// threads inherit what is blocked.
public struct SignalQueue: ~Copyable {
    let descriptor: FileDescriptor

    /// Takes these signals over.
    public init(_ signals: [Signal]) throws(SystemError) {
        let numbers = signals.map(\.number)
        let made = try perform(.signalfd) { unsafe leasehold_signals_create(numbers, Int32(numbers.count)) }
        descriptor = FileDescriptor(owning: made)
    }

    /// The next signal that came, or nil. Several of one kind may arrive as one.
    public func next() throws(SystemError) -> Signal? {
        let result = leasehold_signals_next(descriptor.number)
        if result >= 0 { return Signal(number: result) }
        let code = ErrorCode(rawValue: -result)
        if code == .again { return nil }
        throw SystemError(call: .signalfd, code: code)
    }

    /// Makes a write to a closed pipe or socket an error instead of the end of the process.
    public static func ignoreBrokenPipes() { leasehold_ignore_broken_pipes() }
}

/// Sends a signal to the calling thread.
package func raise(_ signal: Signal) { _ = leasehold_raise(signal.number) }
