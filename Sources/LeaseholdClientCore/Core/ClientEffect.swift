public import LeaseholdBase

/// What a client wants its driver to do, in order.
public enum ClientEffect: Sendable {
    /// Connect to the address, and report ``ClientCore/connected(_:_:now:)`` or ``ClientCore/dialFailed(_:now:)`` with
    /// the same id.
    case dial(EndpointID, address: String)
    /// Stop connecting. A report that is already on its way is recognised and answered.
    case abandon(EndpointID)
    /// Send these bytes of ``ClientCore/outgoing``.
    case send(ConnectionID, Range<Int>)
    /// Close the connection, once what was sent before is handed to the kernel. It is not reported as closed.
    case close(ConnectionID)
    /// A request is answered, once and for all.
    case completed(RequestHandle, RequestResult)
    /// A kept lease stands otherwise than before, or is held for longer.
    case leaseChanged(LeaseHandle, LeaseState)
    /// The client has gone over to another cluster that is at its endpoints instead of the one before: it was made from a
    /// backup, as a rule. Nothing of the one before is believed in by then.
    case clusterChanged(from: ClusterID, to: ClusterID)
}
