// LeaseholdServer
