// LeaseholdSystem
