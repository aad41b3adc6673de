extension Command {
    /// Everything that the binary does, in the order of the help.
    package static let all: [Command] = [
        .run, .fleet, .replay, .shrink, .verifyDeterminism, .crashStates, .history, .check, .plan, .view, .trace,
        .mutants,
    ]
}
