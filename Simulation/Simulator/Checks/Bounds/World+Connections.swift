import LeaseholdBase
import LeaseholdReplica

extension World {
    /// What the connections of a process hold, the fullest of each kind: what was read and is not consumed, and what waits
    /// to be sent (property 24).
    ///
    /// A process reads while it has less than the limit, and takes what its system has then: as much as that keeps, and
    /// as often as packets of it are doubled or repeated on their way.
    func gauges(ofConnectionsOf process: SimulatedProcess) -> [Bounds.Gauge] {
        var unread = Bounds.Gauge(name: "bytes not consumed on a connection", value: 0, limit: 0)
        var unsent = Bounds.Gauge(name: "bytes to be sent on a connection", value: 0, limit: 0)
        for case let slot? in network.slots[process.place] {
            let side = network.links[slot.link].sides[slot.side]
            let count = process.unconsumed(side.connection)
            let limit = side.flow.limits.inputBytes + 4 * systemBytes
            if count - limit > unread.value - unread.limit || unread.limit == 0 {
                (unread.value, unread.limit) = (count, limit)
            }
            if side.output.count - side.flow.limits.outputBytes > unsent.value - unsent.limit || unsent.limit == 0 {
                (unsent.value, unsent.limit) = (side.output.count, side.flow.limits.outputBytes)
            }
        }
        return [unread, unsent]
    }
}
