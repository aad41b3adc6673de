import LeaseholdBase

/// A journal's life in a few steps, for enumerating all that a crash can leave of it.
public struct CrashWorkload: Sendable {
    enum Step: Sendable {
        /// Handed in, and not yet on its way.
        case append(CrashRequest)
        /// What was handed in goes its way, and the disk does all that is asked of it.
        case flush
        /// The same, up to so many effects; the rest is never done.
        case flushPart(Int)
        /// Time passes, so that what nothing follows is sealed and what failed is tried again.
        case wait
        /// A clean end.
        case stop
        /// The process ends, and another one recovers.
        case reopen
        /// The power goes, and so many images of those that are possible are passed over; the next one is lived with.
        case powerLoss(image: Int)
        /// The disk takes nothing more than what it has, or again as much as there may be.
        case full(Bool)
    }

    /// Its name.
    public let name: String
    /// What it is about.
    public let about: String
    var segmentBytes = 1024
    var fillStepBytes = 1024
    /// Whether what the disk is to do with other files than the current segment is done as late as it may be.
    var delaysOthers = false
    /// Whether the making of the directory is enumerated too.
    let includesMaking: Bool
    let steps: [Step]

    init(
        _ name: String, _ about: String, segmentBytes: Int = 1024, delaysOthers: Bool = false,
        includesMaking: Bool = false, _ steps: [Step]
    ) {
        self.name = name
        self.about = about
        self.segmentBytes = segmentBytes
        self.delaysOthers = delaysOthers
        self.includesMaking = includesMaking
        self.steps = steps
    }

    private static func each(_ requests: [CrashRequest]) -> [Step] {
        requests.flatMap { [Step.append($0), .flush] }
    }

    /// A vote, an entry and a clean end: for tests, which build slowly.
    package static let small = CrashWorkload(
        "small", "a vote, an entry and a clean end",
        each([.vote(1, for: 1), .entries(1, of: 40, term: 1)]) + [.stop])

    /// All of them.
    public static let all: [CrashWorkload] = [
        CrashWorkload(
            "birth", "a directory is made, and the first entry is stored", includesMaking: true,
            [
                .append(
                    CrashRequest(hardState: (.init(1), .init(1)), entries: [(.init(1), 120)])), .flush, .wait, .reopen,
                .append(.vote(2, for: 3)), .flush, .stop, .reopen,
            ]),
        CrashWorkload(
            "votes", "terms and votes, alone and together",
            each([.vote(1, for: 1), .vote(2, for: nil), .vote(3, for: 2)]) + [
                .append(.vote(4, for: nil)), .append(.vote(4, for: 3)), .append(.vote(6, for: 1)), .flush, .reopen,
                .append(.vote(7, for: 2)), .flush, .wait, .stop, .reopen,
            ]),
        CrashWorkload(
            "entries", "batches of one entry and of several, and requests that share one", segmentBytes: 4096,
            each([
                .vote(1, for: 1), .entries(1, of: 3, term: 1), .entries(4, of: 30, term: 1),
                .entries(1, of: 700, term: 1),
            ]) + [
                .append(.entries(2, of: 20, term: 1)), .append(.entries(1, of: 40, term: 1)),
                .append(.vote(2, for: 2)), .append(.entries(2, of: 60, term: 2)), .flush, .wait,
            ] + each([.entries(1, of: 9, term: 2), .entries(2, of: 300, term: 2)]) + [.reopen, .stop, .reopen]),
        CrashWorkload(
            "roll-over", "segments of a kilobyte, and spares prepared beside them",
            each(
                [.vote(1, for: 1)] + (0..<9).map { .entries(1 + $0 % 3, of: 40 + 25 * ($0 % 4), term: 1) }) + [
                    .wait, .reopen, .append(.entries(3, of: 90, term: 1)), .flush,
                ]),
        CrashWorkload(
            "roll-over-late", "the same, the disk doing everything beside the current segment as late as it may",
            delaysOthers: true,
            each(
                [.vote(1, for: 1)] + (0..<8).map { .entries(1 + $0 % 3, of: 40 + 25 * ($0 % 4), term: 1) })),
        CrashWorkload(
            "large", "a batch larger than a segment, with neighbours",
            each([
                .entries(1, of: 20, term: 1), .entries(2, of: 1400, term: 1), .entries(1, of: 20, term: 1),
                .entries(3, of: 500, term: 1),
            ]) + [.reopen]),
        CrashWorkload(
            "large-first", "batches larger than a segment in which nothing was ever stored",
            each([.entries(2, of: 800, term: 1), .entries(1, of: 20, term: 1)]) + [
                // The power goes when the next segment has its name and the batch is not written.
                .append(.entries(1, of: 900, term: 1)), .flushPart(8), .powerLoss(image: 0),
            ] + each([.entries(3, of: 900, term: 1), .entries(1, of: 20, term: 1)]) + [.reopen]),
        CrashWorkload(
            "seals", "a batch that nothing follows, clean ends, and batches behind them",
            each([.entries(1, of: 20, term: 1)]) + [.wait] + each([.entries(1, of: 25, term: 1)]) + [
                .wait, .stop, .reopen, .stop, .reopen, .append(.entries(1, of: 30, term: 1)), .flush, .stop, .reopen,
                .append(.entries(2, of: 30, term: 1)), .flushPart(2), .powerLoss(image: 9), .wait, .stop, .reopen,
            ]),
        CrashWorkload(
            "truncation", "conflicts, cuts of the log, and segments that begin with the same index",
            each([
                .entries(5, of: 30, term: 1), .conflict(after: 3, 3, of: 20, term: 2), .cut(after: 4),
                .entries(1, of: 50, term: 2), .conflict(after: 0, 2, of: 60, term: 3), .cut(after: 0),
                .entries(4, of: 90, term: 3), .conflict(after: 1, 4, of: 80, term: 4), .cut(after: 1),
                .entries(3, of: 100, term: 4),
            ]) + [.reopen] + each([.conflict(after: 0, 3, of: 100, term: 5), .entries(2, of: 100, term: 5)])),
        CrashWorkload(
            "recovery", "power losses and kills one after the other, with torn batches between",
            each([.vote(1, for: 1), .entries(2, of: 60, term: 1)]) + [
                .append(.entries(3, of: 100, term: 1)), .flushPart(1), .powerLoss(image: 40), .flush,
                .append(.entries(1, of: 30, term: 1)), .flushPart(1), .reopen, .append(.vote(2, for: 2)), .flushPart(2),
                .powerLoss(image: 7), .append(.conflict(after: 1, 2, of: 150, term: 3)), .flush,
                .append(.entries(3, of: 120, term: 3)), .flushPart(3), .powerLoss(image: 21), .wait, .reopen, .reopen,
                .append(.entries(1, of: 15, term: 3)), .flush, .stop, .powerLoss(image: 0),
            ]),
        CrashWorkload(
            "full-disk", "no room for a spare, and room again", segmentBytes: 2048,
            each([.vote(1, for: 1), .entries(2, of: 250, term: 1)]) + [.full(true)]
                + each([.entries(1, of: 300, term: 1)]) + [
                    .append(.entries(3, of: 400, term: 1)), .flush, .wait, .full(false), .wait, .wait, .flush,
                ] + each([.entries(1, of: 100, term: 1)]) + [.reopen]),
    ]
}
