// LeaseholdClientCore
