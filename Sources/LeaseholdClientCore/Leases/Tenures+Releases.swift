public import LeaseMachine
public import LeaseholdBase

/// Why it is not known that a tenure's claim is over, though it was given back.
public enum ReleaseFailure: Hashable, Sendable {
    /// The release could not be sent.
    case notSubmitted(SubmissionError)
    /// It was not done.
    case notDone(NotDone)
    /// The cluster said no.
    case refused(LeaseError)
    /// It may have been done, or may yet be.
    case unknown
    /// The client had come to its end before there was room for it.
    case neverSent

    /// What the result of a release says; nil when the claim is over.
    public init?(_ result: RequestResult) {
        switch result {
        case .notDone(let reason): self = .notDone(reason)
        case .unknown: self = .unknown
        // That the claim had ended before is an answer like another.
        case .done(.outcome(.released)), .done(.outcome(.refused(.ended))): return nil
        case .done(.outcome(.refused(let error))): self = .refused(error)
        case .done: self = .refused(.malformed)
        }
    }
}

/// Giving back.
extension Tenures {
    /// A release that was sent.
    public struct SentRelease {
        /// The core's request.
        public let request: RequestHandle
        /// What is given back.
        public let tenure: Tenure
    }

    /// A release that nobody waits for, and that has failed.
    public struct FailedRelease {
        /// What was given back.
        public let tenure: Tenure
        /// Why it failed.
        public let failure: ReleaseFailure
        /// Whether somebody had waited for it at first.
        public let wasAwaited: Bool
    }

    /// Gives a tenure back, and somebody waits for the answer. Its owner has finished it: nobody believes in it any more,
    /// whatever comes of this.
    public mutating func release(
        _ tenure: Tenure, timeout: Nanoseconds?, _ core: inout ClientCore, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        try send(tenure, timeout: timeout, waiting: .caller, &core, now: now)
    }

    /// Nobody waits any more for the answer to a release, which goes on.
    public mutating func nobodyWaits(for request: RequestHandle) {
        guard let place = place(of: request) else { return }
        releases[place]?.waiting = .callerGone
    }

    /// Gives a tenure back that nobody uses any more, and whose owner has finished it. Answers the release, if one was sent
    /// just now. While the client ends, one that finds no room is sent later: it may hold more leases than it may have
    /// requests under way.
    @discardableResult
    public mutating func giveBack(_ tenure: Tenure, _ core: inout ClientCore, now: SteadyTime) -> SentRelease? {
        do throws(SubmissionError) {
            let request = try send(tenure, timeout: nil, waiting: .nobody, &core, now: now)
            return SentRelease(request: request, tenure: tenure)
        } catch {
            if error == .tooManyRequests, isStopping {
                unsent.append(tenure)
            } else {
                fail(tenure, .notSubmitted(error))
            }
            return nil
        }
    }

    private mutating func send(
        _ tenure: Tenure, timeout: Nanoseconds?, waiting: Waiting, _ core: inout ClientCore, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        let request: RequestHandle
        do throws(SubmissionError) {
            request = try Self.ask(tenure, timeout: timeout, &core, now: now)
        } catch {
            // Nobody believes in it any more: not sent, it is left to run out, and kept from nobody for longer.
            core.renew(tenure.lease, until: now, now: now)
            throw error
        }
        let place = Int(request.slot)
        while releases.count <= place { releases.append(nil) }
        releases[place] = Release(request: request, tenure: tenure, waiting: waiting)
        return request
    }

    private static func ask(
        _ tenure: Tenure, timeout: Nanoseconds?, _ core: inout ClientCore, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        if let request = try core.release(tenure.lease, timeout: timeout, now: now) { return request }
        // Of a lease that the core has lost the cluster may know more: the claim may still stand there.
        // Not so another cluster in its place: it would say that all claims of before are over, or know another by the number.
        guard core.cluster == tenure.facts.cluster || tenure.facts.cluster == .unborn else {
            throw .invalid(.ended(.restored))
        }
        let claim = ClaimReference(claim: tenure.facts.claim, name: tenure.facts.name)
        return try core.release(claim, timeout: timeout, now: now)
    }

    private func place(of request: RequestHandle) -> Int? {
        let place = Int(request.slot)
        guard place < releases.count, releases[place]?.request == request else { return nil }
        return place
    }

    /// A request was completed; nothing happens if it is no release of a tenure.
    public mutating func completed(_ request: RequestHandle, _ result: RequestResult) {
        guard let place = place(of: request), let release = releases[place] else { return }
        releases[place] = nil
        if let failure = ReleaseFailure(result) { fail(release, failure) }
    }

    mutating func fail(_ release: Release, _ failure: ReleaseFailure) {
        switch release.waiting {
        case .nobody: fail(release.tenure, failure)
        case .caller: break
        case .callerGone: fail(release.tenure, failure, wasAwaited: true)
        }
    }

    mutating func fail(_ tenure: Tenure, _ failure: ReleaseFailure, wasAwaited: Bool = false) {
        failures.append(FailedRelease(tenure: tenure, failure: failure, wasAwaited: wasAwaited))
    }

    /// What was not told yet of releases that failed.
    public mutating func takeFailures() -> [FailedRelease] {
        guard !failures.isEmpty else { return [] }
        defer { failures = [] }
        return failures
    }
}

extension Tenures.FailedRelease: Sendable where Tenure: Sendable {}
extension Tenures.SentRelease: Sendable where Tenure: Sendable {}
