import LeaseholdBase

/// Resources that keep the highest token seen and refuse lower ones, one a name, and clients that write to them: some that
/// believe to hold, and some that wake late and write with what they last had.
///
/// No older tenure's write is taken after a newer one's (property 14): in every run, with any clock. Which tenure is the
/// newer is the order of grants in the log, and nothing that a token says: so a token that did not rise shows. Nobody who
/// believes is refused either, as far as the clocks that its belief hangs on can be relied on.
struct FencedResources {
    /// What decides: it knows tokens and nothing else.
    private struct Resource {
        var name: String
        var highest = FencingToken(0)
        /// The newest tenure that has written, by its place in the log.
        var newest: UInt64 = 0
        var newestToken = FencingToken(0)
        var newestLabel = ""

        mutating func accepts(_ token: FencingToken) -> Bool {
            guard token >= highest else { return false }
            highest = token
            return true
        }
    }

    private var resources: [Resource] = []
    /// Writes that were taken.
    private(set) var taken: UInt64 = 0
    /// Writes that were refused for their old token.
    private(set) var refused: UInt64 = 0

    private mutating func position(_ name: String) -> Int {
        if let found = resources.firstIndex(where: { $0.name == name }) { return found }
        resources.append(Resource(name: name))
        return resources.count - 1
    }

    /// A client writes.
    ///
    /// - Parameters:
    ///   - tenure: Which tenure of the name the token belongs to, in the order of grants; nil when the log has none.
    ///   - isBelieved: Whether the client believes that it holds now, by clocks that can be relied on.
    mutating func write(
        _ name: String, _ token: FencingToken, tenure: UInt64?, isBelieved: Bool, _ label: String,
        _ findings: inout Findings
    ) {
        let place = position(name)
        let resource = resources[place]
        guard resources[place].accepts(token) else {
            refused += 1
            guard isBelieved else { return }
            return findings.add(
                14, by: label, "believes in \(name) with token \(token), and its write is refused",
                "\(resource.newestLabel) wrote with \(resource.newestToken) before")
        }
        taken += 1
        let order = tenure ?? 0
        if order < resource.newest {
            findings.add(
                14, by: label, "writes \(name) with token \(token) of tenure \(order), and it is taken",
                "\(resource.newestLabel) wrote with \(resource.newestToken) of tenure \(resource.newest) before")
        }
        guard order >= resource.newest else { return }
        resources[place].newest = order
        resources[place].newestToken = token
        resources[place].newestLabel = label
    }
}
