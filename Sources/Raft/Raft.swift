// Raft
