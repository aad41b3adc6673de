internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdWire

/// What a call asks of the client's thread.
enum CallRequest: Sendable {
    case acquire(Acquire, checkpointWithin: Nanoseconds?, isScoped: Bool)
    case release(Tenure)
    case update(Tenure, [UInt8])
    case get(name: String, isStale: Bool)
    case list(prefix: String, after: String, limit: Int, isStale: Bool)

    /// Whether the request goes on when its caller does not wait any more.
    var outlivesItsCaller: Bool {
        if case .release = self { return true }
        return false
    }
}

/// What a call is answered.
enum CallAnswer: Sendable {
    case acquired(Tenure)
    case ended(LeaseLost.Reason)
    case updated
    case lease(LeaseAnswer)
    case page(PageAnswer)
}

typealias CallResult = Result<CallAnswer, LeaseholdError>

/// One call under way.
///
/// Made by the caller and handed to the client's thread, which alone touches what varies: the queue between them orders
/// both.
@safe final class Call: @unchecked Sendable {
    let request: CallRequest
    let timeout: Nanoseconds?
    /// The caller does not wait any more.
    var isGivenUp = false
    /// The core's request, once there is one.
    var handle: RequestHandle?

    init(_ request: CallRequest, timeout: Duration?) {
        self.request = request
        self.timeout = timeout.map { Nanoseconds($0) }
    }
}
