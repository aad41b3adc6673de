import LeaseholdBase
import LeaseholdClientCore
import LeaseholdReplica
import Raft

/// What a recorder was told last of a process, so that it is told of changes only.
struct RecordedState {
    var life = 0
    var role: RaftRole?
    var term = Term.zero
    var commit = LogIndex.zero
    var beliefs: [SimulatedClient.Belief] = []
    var requests: [SimulatedClient.Request] = []
}

extension World {
    /// Tells the recorder what is another with a process than after its last turn.
    func recordState(of process: SimulatedProcess) {
        guard let recorder, process.isUp else { return }
        var state = recorder.state(of: process.place)
        if state.life != process.life { state = RecordedState(life: process.life) }
        if let node = process as? SimulatedNode { recordChanges(of: node, &state) }
        if let client = process as? SimulatedClient { recordChanges(of: client, &state) }
        recorder.remember(state, of: process.place)
    }

    private func recordChanges(of node: SimulatedNode, _ state: inout RecordedState) {
        guard let raft = node.running?.replica.raft else { return }
        let (role, term, commit) = (raft.currentRole, raft.term, raft.commitIndex)
        if state.role != role || state.term != term {
            record(.role, node.place, value: term.rawValue) { "\(role)" }
            (state.role, state.term) = (role, term)
        }
        if commit > state.commit {
            record(.committed, node.place, value: commit.rawValue)
            state.commit = commit
        }
    }

    private func recordChanges(of client: SimulatedClient, _ state: inout RecordedState) {
        let (beliefs, requests) = (client.beliefs, client.requests)
        for old in state.beliefs where !beliefs.contains(where: { $0.name == old.name && $0.token == old.token }) {
            record(.believesNoMore, client.place, value: old.token.rawValue) { old.name }
        }
        for belief in beliefs {
            let old = state.beliefs.first { $0.name == belief.name && $0.token == belief.token }
            if old == nil { record(.believes, client.place, value: belief.token.rawValue) { belief.name } }
            if old?.until != belief.until {
                let until = client.clock.trueTime(of: belief.until, after: now)
                record(.extends, client.place, value: until) { belief.name }
            }
        }
        for request in requests where !state.requests.contains(where: { $0.handle == request.handle }) {
            record(.client, client.place) { "asks: \(request.words)" }
        }
        (state.beliefs, state.requests) = (beliefs, requests)
    }
}
