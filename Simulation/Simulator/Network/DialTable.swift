/// The connections that processes have asked for and wait for, by the number of asking.
struct DialTable {
    /// A connection that a process asked for.
    struct Dial {
        var process: Int
        var life: Int
        /// The process's own.
        var tag: UInt64
        var address: String
        var began: UInt64
        /// Whether the process waits for it.
        fileprivate(set) var isPending = true
    }

    private var dials: [Dial] = []
    /// The number of the first that is kept: those before it are settled.
    private var first = 0

    /// How many are kept, and how many there were.
    var count: Int { dials.count }
    var asked: Int { first + dials.count }

    /// A process asks; answers the number.
    mutating func add(process: Int, life: Int, tag: UInt64, address: String, at now: UInt64) -> Int {
        let settled = dials.prefix { !$0.isPending }.count
        if settled >= 32 {
            dials.removeFirst(settled)
            first += settled
        }
        dials.append(Dial(process: process, life: life, tag: tag, address: address, began: now))
        return first + dials.count - 1
    }

    /// One that somebody waits for.
    subscript(number: Int) -> Dial? {
        guard number >= first, dials[number - first].isPending else { return nil }
        return dials[number - first]
    }

    /// Nobody waits for it any more.
    mutating func settle(_ number: Int) {
        if number >= first { dials[number - first].isPending = false }
    }

    /// Nobody waits for those of a process any more; of one tag, if it is given.
    mutating func settle(of process: Int, tag: UInt64? = nil) {
        for place in dials.indices where dials[place].process == process {
            if tag == nil || tag == dials[place].tag { dials[place].isPending = false }
        }
    }
}
