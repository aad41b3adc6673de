public import LeaseMachine
public import LeaseholdBase
import LeaseholdWire
import Raft

/// Judges a history by the committed log: the log is replayed, entry by entry, through a model of its own, and every
/// answer must be what the model says at the entry that gave it, between the call's ends.
///
/// Reads name their index, a grant's token is one, and what has a request id is found by it: so one pass is enough.
/// Properties 15 (renewals and releases act on their claim only), 17 (grants, refusals, the order in true time), 18 (reads
/// see what was committed when they were asked, stale reads equal the model at the index they name) and 20 (a request has
/// one effect; what was not done, none).
public struct LogJudge {
    /// A node's whole state as it reads it, to be compared with the model's.
    public struct State: Sendable {
        /// Whose it is.
        public var label: String
        /// All its leases, and the entry at which it has them.
        public var page: LeasePage

        /// Joins the parts.
        public init(label: String, page: LeasePage) {
            self.label = label
            self.page = page
        }
    }

    /// What a client was told of the replicated settings, and between which moments of true time.
    public struct SettingsRead: Sendable {
        /// The client, from 1.
        public var client: Int
        /// When it asked.
        public var asked: UInt64
        /// When it was told.
        public var told: UInt64
        /// What it was told.
        public var settings: Settings

        /// Joins the parts.
        public init(client: Int, asked: UInt64, told: UInt64, settings: Settings) {
            self.client = client
            self.asked = asked
            self.told = told
            self.settings = settings
        }
    }

    /// What came of it.
    public struct Judgement: Sendable {
        /// What contradicts the log.
        public var violations: [Violation] = []
        /// Answers that were compared with the model.
        public var answersCompared = 0
        /// The first entry that nobody saw: answers from there on were not judged.
        public var gap: LogIndex?
    }

    /// A try of a request, or of a renewal, that stands in the log.
    struct Attempt {
        var index: LogIndex
        var appliedAt: UInt64
        var outcome: Outcome
        var isFirst: Bool
    }

    /// A claim in a renewal that stands in the log.
    struct Renewed {
        var index: LogIndex
        var appliedAt: UInt64
        var name: String
        var status: ClaimStatus
    }

    let history: History
    let log: CommittedLog
    var attempts: [RequestID: [Attempt]] = [:]
    var renewals: [ClaimID: [Renewed]] = [:]
    var judgement = Judgement()
    /// The settings, each from the entry that made them so.
    private var settings: [(from: LogIndex, settings: Settings)] = [(.zero, .initial)]
    /// Calls of which the network delivered a packet twice, which no stream does: a try that was refused may have come again
    /// then, to a leader, after its client was told that nothing was done.
    let doubtful: Set<Int>

    private init(_ history: History, _ log: CommittedLog, doubtful: Set<Int>) {
        self.doubtful = doubtful
        self.history = history
        self.log = log
    }

    /// Judges, and compares the states of nodes with the model's too.
    ///
    /// - Parameter doubtful: Calls that were refused though a packet of theirs was delivered twice, by number.
    public static func judge(
        _ history: History, _ log: CommittedLog, states: [State] = [], settings: [SettingsRead] = [],
        doubtful: Set<Int> = []
    ) -> Judgement {
        var judge = LogJudge(history, log, doubtful: doubtful)
        judge.replay(states)
        for number in history.operations.indices { judge.judge(number) }
        for telling in history.tellings { judge.judge(telling) }
        for read in settings { judge.judge(read) }
        return judge.judgement
    }

    mutating func violate(_ property: Int, _ number: Int, _ against: String) {
        let operation = history.operations[number]
        judgement.violations.append(
            Violation(
                property, at: operation.completed, event: 0, by: "client \(operation.client)",
                what: "call \(number): \(operation)", against: against))
    }

    // MARK: Replaying

    private mutating func replay(_ states: [State]) {
        var model = ReferenceModel()
        var reads = self.reads()
        var states = states.sorted { ($0.page.index, $0.label) < ($1.page.index, $1.label) }[...]
        compare(&reads, &states, model)
        for (place, entry) in log.entries.enumerated() {
            guard let entry else {
                judgement.gap = LogIndex(UInt64(place) + 1)
                return
            }
            let payload = log.payload(of: entry)
            note(model.apply(entry.header, payload), payload, entry)
            if model.settings != settings[settings.count - 1].settings {
                settings.append((model.index, model.settings))
            }
            compare(&reads, &states, model)
        }
        for read in reads { violate(18, read.number, "the log ends at \(log.last)") }
    }

    /// Keeps what the entry came to, for the calls that it may belong to.
    private mutating func note(_ result: ReferenceModel.Result, _ payload: [UInt8], _ entry: CommittedLog.Entry) {
        guard let outcome = result.outcome, let command = unsafe try? Command(decoding: payload.span.bytes) else {
            return
        }
        let index = entry.header.index
        let time = log.appliedAt(index) ?? 0
        switch command {
        case .renew(let items):
            for (item, status) in zip(items, result.statuses) {
                renewals[item.claim, default: []].append(
                    Renewed(index: index, appliedAt: time, name: item.name, status: status))
            }
        case .acquire(let head, _), .release(let head, _), .cancel(let head, _), .update(let head, _),
            .settings(let head, _):
            attempts[head.request, default: []].append(
                Attempt(index: index, appliedAt: time, outcome: outcome, isFirst: result.isFirst))
        }
    }

    /// Settings that were read were so at some entry between what was committed when they were asked for, and what was when
    /// they were told.
    private mutating func judge(_ read: SettingsRead) {
        guard judgement.gap == nil else { return }
        judgement.answersCompared += 1
        let (first, last) = (log.committed(at: read.asked), log.committed(at: read.told))
        let isTrue = settings.indices.contains { place in
            let end = place + 1 < settings.count ? settings[place + 1].from.previous : log.last
            return settings[place].settings == read.settings && settings[place].from <= last && end >= first
        }
        guard !isTrue else { return }
        judgement.violations.append(
            Violation(
                18, at: read.told, event: 0, by: "client \(read.client)",
                what: "reads the settings \(read.settings)",
                against: "they were not so at any entry from \(first) to \(last)"))
    }

    // MARK: Reads

    private struct Read {
        var index: LogIndex
        var number: Int
    }

    /// All reads that were answered, by their index.
    private func reads() -> ArraySlice<Read> {
        var reads: [Read] = []
        for (number, operation) in history.operations.enumerated() {
            switch operation.result {
            case .done(.lease(let answer)): reads.append(Read(index: answer.preface.index, number: number))
            case .done(.page(let answer)): reads.append(Read(index: answer.preface.index, number: number))
            default: break
            }
        }
        return reads.sorted { ($0.index, $0.number) < ($1.index, $1.number) }[...]
    }

    /// Compares what was read at the model's index with the model.
    private mutating func compare(
        _ reads: inout ArraySlice<Read>, _ states: inout ArraySlice<State>, _ model: ReferenceModel
    ) {
        while let read = reads.first, read.index <= model.index {
            reads.removeFirst()
            judgement.answersCompared += 1
            let operation = history.operations[read.number]
            switch (operation.question, operation.result) {
            case (.get(let name, _), .done(.lease(let answer))):
                let lease = model.lease(name)
                if answer.lease != lease { violate(18, read.number, "there it is \(Operation.Answer.text(lease))") }
            case (.list(let prefix, let after, let limit, _), .done(.page(let answer))):
                let page = model.page(prefix: prefix, after: after, limit: limit)
                if answer.page != page {
                    let truth = Operation.Answer.page(PageAnswer(preface: answer.preface, page: page))
                    violate(18, read.number, "it is \(truth)")
                }
            default: violate(18, read.number, "that is no answer to the question")
            }
        }
        while let state = states.first, state.page.index <= model.index {
            states.removeFirst()
            judgement.answersCompared += 1
            let page = model.page(prefix: "", after: "", limit: Limits.leasesPerPage)
            guard page != state.page else { continue }
            let preface = ReadPreface(index: state.page.index)
            let (seen, truth) = (
                PageAnswer(preface: preface, page: state.page), PageAnswer(preface: preface, page: page)
            )
            judgement.violations.append(
                Violation(
                    17, at: log.appliedAt(state.page.index) ?? 0, event: 0, by: state.label,
                    what: "has leases \(Operation.Answer.page(seen))", against: "\(Operation.Answer.page(truth))"))
        }
    }
}
