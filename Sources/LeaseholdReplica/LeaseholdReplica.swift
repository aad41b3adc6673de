// LeaseholdReplica
