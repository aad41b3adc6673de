// LeaseMachine
