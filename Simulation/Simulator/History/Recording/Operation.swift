public import LeaseMachine
public import LeaseholdBase
public import LeaseholdWire

/// A call of a client: what it asked, when, and what it was told. Times are true time, in nanoseconds.
public struct Operation: Hashable, Sendable {
    /// What a client asked for.
    public enum Question: Hashable, Sendable {
        /// A lease; one that is kept is renewed by the client's core.
        case acquire(Acquire, isKept: Bool)
        /// Renewals by hand, of one claim or several.
        case renew([Renewal])
        /// To end a claim.
        case release(ClaimReference)
        /// To undo an acquire.
        case cancel(Cancel)
        /// Another value for a claim.
        case update(Update)
        /// Other replicated settings.
        case changeSettings([SettingChange])
        /// One lease, as the cluster has it now or as any node has it.
        case get(name: String, isStale: Bool)
        /// A page of leases, as the cluster has them now or as any node has them.
        case list(prefix: String, after: String, limit: Int, isStale: Bool)
    }

    /// What a client was told.
    public enum Answer: Hashable, Sendable {
        /// What came of a command; refusals by the state machine too.
        case outcome(Outcome)
        /// How the claims of a renewal stand, in its order.
        case renewed([ClaimStatus])
        /// A lease.
        case lease(LeaseAnswer)
        /// A page.
        case page(PageAnswer)
    }

    /// What is known of a call in the end.
    public enum Result: Hashable, Sendable {
        /// The cluster answered.
        case done(Answer)
        /// Nothing was done, and nothing will be.
        case notDone
        /// It may have been done, or may yet be.
        case unknown
        /// The client ended before it knew.
        case unanswered
    }

    /// The client, from 1.
    public var client: Int
    /// What names the call in the log: none for renewals and reads, nor for what was never sent.
    public var request: RequestID?
    /// When the client asked.
    public var invoked: UInt64
    /// When it was told; the greatest number when it never was.
    public var completed: UInt64
    /// What it asked for.
    public var question: Question
    /// What it was told.
    public var result: Result
    /// Until when the answer lets the client believe that it holds, one number for an acquire and one for each claim of
    /// a renewal; zero where it does not, or where that time was over when the answer was read.
    public var beliefs: [UInt64]

    /// Joins the parts.
    public init(
        client: Int, request: RequestID? = nil, invoked: UInt64, completed: UInt64 = .max, question: Question,
        result: Result = .unanswered, beliefs: [UInt64] = []
    ) {
        self.client = client
        self.request = request
        self.invoked = invoked
        self.completed = completed
        self.question = question
        self.result = result
        self.beliefs = beliefs
    }

    /// Whether it may have had an effect that nobody told the client of.
    public var isOpen: Bool { result == .unknown || result == .unanswered }
}

/// What a client's core told of a lease that it keeps, without having been asked.
public struct Telling: Hashable, Sendable {
    /// What was told.
    public enum News: Hashable, Sendable {
        /// It is held at least until then, in true time; zero when that is over.
        case held(until: UInt64)
        /// The cluster ended the claim.
        case ended(EndReason)
        /// The cluster knows no such claim.
        case unknown
    }

    /// The client, from 1.
    public var client: Int
    /// When it was told.
    public var at: UInt64
    /// The lease.
    public var name: String
    /// The tenure, whose claim has the same number.
    public var token: FencingToken
    /// What was told.
    public var news: News

    /// Joins the parts.
    public init(client: Int, at: UInt64, name: String, token: FencingToken, news: News) {
        self.client = client
        self.at = at
        self.name = name
        self.token = token
        self.news = news
    }
}
