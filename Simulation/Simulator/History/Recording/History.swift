public import LeaseholdBase

/// What the clients of a run saw: every call with its beginning and its end in true time, and what their cores told them
/// of the leases they keep.
///
/// It is written while the run goes on and judged at its end, twice: against the log (``LogJudge``) and, without any
/// index, by a search for an order in which it could have happened (``LinearJudge``).
public struct History: Hashable, Sendable {
    /// The format of its lines.
    public static let format: UInt64 = 1
    /// The seed of the run.
    public var seed: UInt64
    /// Whether clocks kept to the promised rates: no claim ends by itself while its client may believe in it.
    public var areClocksTrusted: Bool
    /// The calls, in the order in which they began.
    public private(set) var operations: [Operation] = []
    /// What cores told, in its order.
    public private(set) var tellings: [Telling] = []

    /// A history in which nothing has happened.
    public init(seed: UInt64 = 0, areClocksTrusted: Bool = true) {
        self.seed = seed
        self.areClocksTrusted = areClocksTrusted
    }

    /// A client asks for something; answers the number of the call.
    public mutating func begin(_ question: Operation.Question, by client: Int, at now: UInt64) -> Int {
        operations.append(Operation(client: client, invoked: now, question: question))
        return operations.count - 1
    }

    /// The call was sent under a name; a later name stands for an earlier one, under which nothing was done.
    public mutating func name(_ number: Int, _ request: RequestID) { operations[number].request = request }

    /// The call is answered.
    public mutating func end(
        _ number: Int, _ result: Operation.Result, beliefs: [UInt64] = [], at now: UInt64
    ) {
        operations[number].result = result
        operations[number].beliefs = beliefs
        operations[number].completed = now
    }

    /// A core told something of a lease that it keeps.
    public mutating func tell(_ telling: Telling) { tellings.append(telling) }

    /// Adds a call as a whole.
    public mutating func append(_ operation: Operation) { operations.append(operation) }
}
