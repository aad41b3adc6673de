extension SimulatedClient {
    /// How a client's requests ended.
    public struct Tally: Hashable, Sendable {
        /// Requests that were done, whatever came of them.
        public var done = 0
        /// Those of them that an entry of the log answered: commands.
        public var committed = 0
        /// Acquires that got the lease.
        public var granted = 0
        /// Acquires that found it held.
        public var foundHeld = 0
        /// Requests of unknown outcome.
        public var unknown = 0
        /// Requests that were not done.
        public var notDone = 0
        /// Releases answered.
        public var released = 0
        /// Tenures lost otherwise than by release.
        public var lost = 0
        /// Those of them that were not renewed any more because their work stood still.
        public var stalled = 0
        /// Tenures that the cluster confirmed for longer when whoever worked under them had seen them end.
        public var runOut = 0
        /// Ends that it was asked for, and came to.
        public var stops = 0
        /// Releases that had to wait for room when it was to end.
        public var releasesDelayed = 0
        /// Releases that failed, as it was told, when it was to end.
        public var releasesFailed = 0
        /// Saves of the whole cluster that came to their end.
        public var saves = 0
        /// Reads answered.
        public var reads = 0
        /// Tries beyond the first of a request, in lives that have ended.
        public var retries = 0
    }
}
