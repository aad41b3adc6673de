// Leasehold
