internal import LeaseholdSystem

/// Ctrl-C and the request to end, for a command that has something to put away before it does.
package struct Interruption: ~Copyable {
    private let signals: SignalQueue

    /// Takes the signals over. To be made before any thread is started.
    package init() throws(CommandFailure) {
        do throws(SystemError) { signals = try SignalQueue([.interrupt, .terminate]) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
    }

    /// Throws when the command was told to end.
    package func check() throws(CommandFailure) {
        let signal: Signal?
        do throws(SystemError) { signal = try signals.next() } catch { throw CommandFailure(.ioError, "\(error)") }
        if signal != nil { throw CommandFailure(.unreachable, "nothing was saved: stopped before all of it had come") }
    }
}
