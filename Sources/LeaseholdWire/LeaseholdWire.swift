// LeaseholdWire
