internal import CLeaseholdSystem

/// Every call that can fail goes through here, so that its policy stands once: an interrupted call is made again, any
/// other failure is thrown with the call's name.
@inline(__always)
func perform<Result: FixedWidthInteger>(
    _ call: SystemCall, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = ErrorCode(rawValue: Int32(truncatingIfNeeded: 0 &- result))
        if code != .interrupted { throw SystemError(call: call, code: code) }
    }
}

/// What became of a call on a descriptor that does not wait.
public enum Transfer: Hashable, Sendable {
    /// So many bytes were moved; at least one.
    case moved(Int)
    /// Nothing can be moved now.
    case wouldWait
    /// The other side will send no more.
    case ended
}

/// As ``perform(_:_:)``, for calls that may find nothing to do yet.
@inline(__always)
func transfer(_ call: SystemCall, _ body: () -> Int) throws(SystemError) -> Transfer {
    while true {
        let result = body()
        if result > 0 { return .moved(result) }
        if result == 0 { return .ended }
        let code = ErrorCode(rawValue: Int32(truncatingIfNeeded: 0 &- result))
        if code == .again { return .wouldWait }
        if code != .interrupted { throw SystemError(call: call, code: code) }
    }
}
