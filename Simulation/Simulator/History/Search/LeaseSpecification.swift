/// One lease as a client that asks alone would see it: at most one holder, tokens that rise, and nothing else.
///
/// It knows no log and no index. What nobody told the clients happens when it is needed and may happen: a claim ends by
/// itself once nobody may believe in it any more, and a call of unknown outcome takes effect, or does not.
struct LeaseSpecification {
    /// The lease between two calls.
    struct State: Hashable {
        /// The token of the last tenure, zero before the first.
        var token: UInt64 = 0
        /// Whether that tenure lasts.
        var isHeld = false
        /// Its value, by number; nil while nobody has told.
        var value: Int?
    }

    /// What a call that is answered did, or saw.
    enum Action: Hashable {
        /// The name was free, and is held under this token since.
        case grant(token: UInt64, value: Int)
        /// It was free.
        case seenFree
        /// It was held under this token; with this value, if that was seen too.
        case seenHeld(token: UInt64, value: Int?)
        /// The claim was renewed: it held.
        case renewed(token: UInt64)
        /// The claim was given another value: it held.
        case updated(token: UInt64, value: Int)
        /// The claim was ended by this call or, when there is another one that may have done it, by that.
        case ended(token: UInt64, isOnly: Bool)
        /// The claim was over before the call, or is since.
        case over(token: UInt64)
        /// The claim did not hold; perhaps it never was.
        case notHeld(token: UInt64)
    }

    /// A value that a call of unknown outcome may have given.
    struct OpenUpdate {
        var token: UInt64
        var value: Int
        var from: UInt64
    }

    /// From when on a claim may end without anybody having been told, by token.
    var mayEnd: [UInt64: UInt64] = [:]
    /// From when on a tenure may have begun that nobody was told of as the one who asked for it, by token.
    var mayBegin: [UInt64: UInt64] = [:]
    /// Values that may have been given without anybody having been told.
    var openUpdates: [OpenUpdate] = []

    /// The state after an action, or nil when it is impossible in the state. `now` is the latest moment at which the
    /// action can have taken effect.
    func step(_ action: Action, from state: State, now: UInt64) -> State? {
        switch action {
        case .grant(let token, let value):
            guard let free = freed(state, now), token > free.token else { return nil }
            return State(token: token, isHeld: true, value: value)
        case .seenFree: return freed(state, now)
        case .seenHeld(let token, let value):
            guard let held = held(token, state, now) else { return nil }
            guard let value, held.value != value else { return held }
            guard held.value == nil || mayHave(value, token, now) else { return nil }
            return State(token: token, isHeld: true, value: value)
        case .renewed(let token): return held(token, state, now)
        case .updated(let token, let value):
            guard held(token, state, now) != nil else { return nil }
            return State(token: token, isHeld: true, value: value)
        case .ended(let token, let isOnly):
            if let held = held(token, state, now) { return State(token: held.token) }
            return !isOnly && state.token >= token ? state : nil
        case .over(let token):
            if state.token < token { return held(token, state, now).map { State(token: $0.token) } }
            return notHeld(token, state, now)
        case .notHeld(let token): return notHeld(token, state, now)
        }
    }

    /// The state with nobody holding, if that can be.
    private func freed(_ state: State, _ now: UInt64) -> State? {
        guard state.isHeld else { return State(token: state.token) }
        guard let earliest = mayEnd[state.token], earliest <= now else { return nil }
        return State(token: state.token)
    }

    private func notHeld(_ token: UInt64, _ state: State, _ now: UInt64) -> State? {
        state.isHeld && state.token == token ? freed(state, now) : state
    }

    /// The state with the token holding: as it is, or after a grant that nobody was told of.
    private func held(_ token: UInt64, _ state: State, _ now: UInt64) -> State? {
        if state.token == token { return state.isHeld ? state : nil }
        guard token > state.token, let earliest = mayBegin[token], earliest <= now, freed(state, now) != nil else {
            return nil
        }
        return State(token: token, isHeld: true)
    }

    private func mayHave(_ value: Int, _ token: UInt64, _ now: UInt64) -> Bool {
        openUpdates.contains { $0.token == token && $0.value == value && $0.from <= now }
    }
}
