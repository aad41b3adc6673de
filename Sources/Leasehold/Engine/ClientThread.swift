internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// The callers' side of a client's thread: commands go in, and what comes of them wakes the tasks that wait.
///
/// The thread is started by the first call. It renews leases whatever the callers' threads are busy with (trap 65).
final class ClientThread: Sendable {
    let configuration: LeaseClient.Configuration
    let courier: Courier
    let mailbox = Monitor(Mailbox())

    init(configuration: LeaseClient.Configuration, observer: (any LeaseObserver)?) {
        self.configuration = configuration
        courier = Courier(observer: observer)
    }

    // MARK: Calls

    /// Makes a call and waits for its result. A task that is cancelled gives it up.
    func perform(_ request: CallRequest, timeout: Duration?) async throws(LeaseholdError) -> CallAnswer {
        let call = Call(request, timeout: timeout)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in submit(call, continuation) }
        } onCancel: {
            put(.giveUp(call))
        }
        return try result.get()
    }

    /// Makes a call and waits for its result, cancelled or not.
    func performToTheEnd(_ request: CallRequest, timeout: Duration?) async throws(LeaseholdError) -> CallAnswer {
        let call = Call(request, timeout: timeout)
        return try await withCheckedContinuation { continuation in submit(call, continuation) }.get()
    }

    /// Ends a tenure and gives its claim back.
    func release(_ tenure: Tenure, timeout: Duration?, toTheEnd: Bool = false) async throws(LeaseholdError)
        -> LeaseLost.Reason
    {
        giveBack(tenure)
        let request = CallRequest.release(tenure)
        let answer =
            toTheEnd
            ? try await performToTheEnd(request, timeout: timeout) : try await perform(request, timeout: timeout)
        guard case .ended(let reason) = answer else { return .released }
        return reason
    }

    /// Ends a tenure because this client gives its lease back.
    func giveBack(_ tenure: Tenure) {
        guard tenure.end(.released, isGivenBack: true) != nil else { return }
        courier.tell(.lost(tenure.loss(.released)))
    }

    /// Ends a tenure, once, and tells the observer. Answers what runs under it and is to be cancelled.
    func end(_ tenure: Tenure, _ reason: LossReason) -> Tenure.Work? {
        guard let ended = tenure.end(reason) else { return nil }
        courier.tell(.lost(tenure.loss(LeaseLost.Reason(reason))))
        return ended.work
    }

    /// The work under a lease goes on.
    func worked(_ tenure: Tenure) { put(.worked(tenure)) }

    private func submit(_ call: Call, _ continuation: CheckedContinuation<CallResult, Never>) {
        let obstacle =
            start()
            ?? mailbox.withLock { mailbox -> LeaseholdError.Obstacle? in
                if case .ended(let obstacle) = mailbox.phase { return obstacle }
                // A lease that is given back made room for that when it was acquired.
                guard mailbox.commands.count < Mailbox.commandLimit || call.request.outlivesItsCaller else {
                    return .tooMany
                }
                mailbox.put(.submit(call, continuation))
                return nil
            }
        if let obstacle { continuation.resume(returning: .failure(.notDone(obstacle))) }
    }

    /// Puts down what nobody waits for. Of no use once the thread has ended; before it has begun it is kept, as a call may be
    /// given up before it has started the thread.
    func put(_ command: Mailbox.Command) {
        mailbox.withLock { mailbox in
            switch mailbox.phase {
            case .running: mailbox.put(command)
            case .notStarted: if case .giveUp = command { mailbox.put(command) }
            case .ended: break
            }
        }
    }

    // MARK: Beginning and end

    /// Starts the thread unless it was started; answers why that is not possible.
    func start() -> LeaseholdError.Obstacle? {
        let isFirst = mailbox.withLock { mailbox in
            guard case .notStarted = mailbox.phase else { return false }
            mailbox.phase = .running
            return true
        }
        guard isFirst else { return nil }
        do throws(SystemError) {
            let wakeUp = try WakeUp()
            mailbox.withLock { mailbox in mailbox.wakeUp = wakeUp }
            _ = try SystemThread(name: "lease-client") {
                let obstacle = ClientEngine.run(for: self, wakeUp: wakeUp)
                self.ended(obstacle)
            }
            return nil
        } catch {
            let obstacle = LeaseholdError.Obstacle.system("\(error)")
            ended(obstacle)
            return obstacle
        }
    }

    /// The thread will look at nothing any more: whoever waits is told.
    func ended(_ obstacle: LeaseholdError.Obstacle) {
        let left = mailbox.withLock { mailbox in mailbox.end(obstacle) }
        for case .submit(_, let continuation) in left.commands {
            continuation.resume(returning: .failure(.notDone(obstacle)))
        }
        for waiter in left.waiters { waiter.resume() }
    }

    /// Waits for the end of the thread, and answers why it ended.
    func waitForEnd() async -> LeaseholdError.Obstacle {
        await withCheckedContinuation { continuation in
            let isOver = mailbox.withLock { mailbox in
                if case .ended = mailbox.phase { return true }
                mailbox.endWaiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        return mailbox.withLock { mailbox in
            if case .ended(let obstacle) = mailbox.phase { return obstacle }
            return .stopped
        }
    }

    /// Begins the end, which comes no later than after so long. A client that was never used ends at once.
    func stop(within limit: Duration) {
        let waiters = mailbox.withLock { mailbox -> [CheckedContinuation<Void, Never>] in
            switch mailbox.phase {
            case .notStarted: return mailbox.end(.stopped).waiters
            case .running: mailbox.put(.stop(limit: SystemClocks.steady + Nanoseconds(limit)))
            case .ended: break
            }
            return []
        }
        for waiter in waiters { waiter.resume() }
    }
}
