/// A call with its answer, for the search: it took effect at some moment between its ends.
struct LeaseCall {
    /// When it was made.
    var from: UInt64
    /// When it was answered.
    var to: UInt64
    /// What it did or saw.
    var action: LeaseSpecification.Action
    /// Its number in the history.
    var number: Int
}

/// Searches for an order of calls that the specification allows and that agrees with their times: the algorithm of Wing
/// and Gong (1993), with Lowe's improvements (2017).
///
/// The begins and ends of all calls form one linked list. Whichever call begins before the first end in the list may come
/// first: it is tried, and taken out of the list. When the first end is reached and nothing could be tried, the last try
/// is taken back. Which calls were taken, together with the state they led to, is remembered: coming to the same again is
/// of no use. A call that only saw what is so is taken for good: there is no order in which it would be in the way.
/// At a moment without open calls there is but one set of calls before it, so the search never goes far back
/// and costs little more than it has to: about as many steps as calls, unless many are open at a time.
struct LinearSearch {
    /// How a search ended.
    enum Result: Hashable {
        /// There is an order.
        case linear
        /// There is none: how far it came.
        case impossible(Obstacle)
        /// It took too many steps.
        case undecided
    }

    /// Where every order ends.
    struct Obstacle: Hashable {
        /// The call that fits in nowhere.
        var call: Int
        /// The last call that did, if any.
        var after: Int?
        /// What it led to.
        var state: LeaseSpecification.State
    }

    /// How many steps were made.
    private(set) var steps = 0

    private let calls: [LeaseCall]
    private let specification: LeaseSpecification
    private let stepsMax: Int

    /// Begins and ends by place, linked; the place before the first is `head`.
    private var next: [Int]
    private var previous: [Int]
    private var isEnd: [Bool]
    private var callAt: [Int]
    private var beginOf: [Int]
    private var endOf: [Int]
    private let head: Int

    private var taken: [Bool]
    /// The first call that is not taken, and the last one that is.
    private var firstOpen = 0
    private var lastTaken = -1
    private var known: Set<Memory> = []
    private var state = LeaseSpecification.State()
    private var tries: [Try] = []

    private struct Memory: Hashable {
        var firstOpen: Int
        /// Calls taken behind the first open one.
        var near: UInt64
        var far: [UInt64]
        var state: LeaseSpecification.State
    }

    private struct Try {
        var call: Int
        var state: LeaseSpecification.State
        var lastTaken: Int
        /// Whether it changed nothing: there is no use in another in its place.
        var isForGood: Bool
    }

    /// A search among calls, in any order, of one lease.
    init(_ unordered: [LeaseCall], _ specification: LeaseSpecification, stepsMax: Int) {
        calls = unordered.sorted { ($0.from, $0.number) < ($1.from, $1.number) }
        self.specification = specification
        self.stepsMax = stepsMax
        let count = calls.count
        var moments: [(time: UInt64, isEnd: Bool, call: Int)] = []
        moments.reserveCapacity(2 * count)
        for (place, call) in calls.enumerated() {
            moments.append((call.from, false, place))
            moments.append((call.to, true, place))
        }
        // At one time begins come first: such calls are not in order.
        moments.sort { ($0.time, $0.isEnd ? 1 : 0, $0.call) < ($1.time, $1.isEnd ? 1 : 0, $1.call) }
        head = 2 * count
        next = (0...2 * count).map { $0 + 1 }
        next[2 * count] = 0
        previous = (0...2 * count).map { $0 - 1 }
        previous[0] = 2 * count
        if count == 0 { next[head] = head }
        if count > 0 { next[2 * count - 1] = head }
        isEnd = moments.map(\.isEnd)
        callAt = moments.map(\.call)
        beginOf = [Int](repeating: 0, count: count)
        endOf = [Int](repeating: 0, count: count)
        for (place, moment) in moments.enumerated() {
            if moment.isEnd { endOf[moment.call] = place } else { beginOf[moment.call] = place }
        }
        taken = [Bool](repeating: false, count: count)
    }

    /// Searches.
    mutating func run() -> Result {
        var deepest = -1
        var obstacle = Obstacle(call: 0, state: state)
        takeWhatOnlySaw()
        var place = next[head]
        var now = firstEnd()
        while next[head] != head {
            guard steps <= stepsMax else { return .undecided }
            if !isEnd[place] {
                let call = callAt[place]
                steps += 1
                guard let after = specification.step(calls[call].action, from: state, now: now) else {
                    place = next[place]
                    continue
                }
                take(call, isForGood: false)
                state = after
                takeWhatOnlySaw()
                if known.insert(memory()).inserted {
                    place = next[head]
                    now = firstEnd()
                    continue
                }
            } else if tries.count > deepest {
                deepest = tries.count
                obstacle = Obstacle(
                    call: calls[callAt[place]].number, after: tries.last.map { calls[$0.call].number }, state: state)
            }
            guard let last = takeBack() else { return .impossible(obstacle) }
            place = next[beginOf[last]]
            now = firstEnd()
        }
        return .linear
    }

    /// Takes every call that can come now and changes nothing: there is no order in which it would be in the way.
    private mutating func takeWhatOnlySaw() {
        var isDone = false
        while !isDone {
            isDone = true
            let now = firstEnd()
            var place = next[head]
            while place != head, !isEnd[place] {
                let call = callAt[place]
                steps += 1
                if specification.step(calls[call].action, from: state, now: now) == state {
                    take(call, isForGood: true)
                    isDone = false
                }
                place = next[place]
            }
        }
    }

    /// The time of the first end in the list: what is tried now has taken effect by then.
    private func firstEnd() -> UInt64 {
        var place = next[head]
        while place != head, !isEnd[place] { place = next[place] }
        return place == head ? .max : calls[callAt[place]].to
    }

    private mutating func take(_ call: Int, isForGood: Bool) {
        tries.append(Try(call: call, state: state, lastTaken: lastTaken, isForGood: isForGood))
        lift(call)
        taken[call] = true
        lastTaken = max(lastTaken, call)
        while firstOpen < taken.count, taken[firstOpen] { firstOpen += 1 }
    }

    /// Takes back the last call that changed something, and what was taken behind it; answers which, or nil.
    private mutating func takeBack() -> Int? {
        while let last = tries.popLast() {
            unlift(last.call)
            taken[last.call] = false
            lastTaken = last.lastTaken
            firstOpen = min(firstOpen, last.call)
            state = last.state
            if !last.isForGood { return last.call }
        }
        return nil
    }

    private func memory() -> Memory {
        var memory = Memory(firstOpen: firstOpen, near: 0, far: [], state: state)
        guard lastTaken > firstOpen else { return memory }
        for call in firstOpen + 1...lastTaken where taken[call] {
            let bit = call - firstOpen - 1
            if bit < 64 {
                memory.near |= 1 << UInt64(bit)
            } else {
                let word = bit / 64 - 1
                while memory.far.count <= word { memory.far.append(0) }
                memory.far[word] |= 1 << UInt64(bit % 64)
            }
        }
        return memory
    }

    private mutating func lift(_ call: Int) {
        for place in [beginOf[call], endOf[call]] {
            next[previous[place]] = next[place]
            previous[next[place]] = previous[place]
        }
    }

    private mutating func unlift(_ call: Int) {
        for place in [endOf[call], beginOf[call]] {
            next[previous[place]] = place
            previous[next[place]] = place
        }
    }
}
