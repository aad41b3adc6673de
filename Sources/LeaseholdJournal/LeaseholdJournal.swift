// LeaseholdJournal
