import LeaseholdReplica

/// A replica in a place of its own: a look at part of it, or a step, copies nothing else.
final class RunningReplica {
    var replica: Replica

    init(_ replica: Replica) { self.replica = replica }

    /// Calls with the replica in place. A call of one of its methods by way of the property would copy it as a whole.
    @inline(__always) func inPlace<Result>(_ body: (inout Replica) -> Result) -> Result { body(&replica) }
}
