public import LeaseholdBase

extension Command {
    /// Reads a command into a value of its own, for inspection and tests. Texts that are not UTF-8 are shown with
    /// replacement characters. A reserved kind is `unknown`.
    public init(decoding bytes: RawSpan) throws(DecodingError) {
        let view = try CommandView(bytes)
        let head = RequestHead(
            request: view.request, lowestUnanswered: view.lowestUnanswered, newestSeen: view.newestSeen,
            principal: Text.string(view.principal))
        let reference = ClaimReference(claim: view.claim, name: Text.string(view.name))
        switch view.kind {
        case .acquire:
            self = .acquire(
                head,
                Acquire(
                    name: reference.name, holder: Text.string(view.holder),
                    ttl: Nanoseconds(Int64(clamping: view.ttl)), value: view.value.array, capacity: view.capacity,
                    wait: view.wait, lockDelay: Nanoseconds(Int64(clamping: view.lockDelay))))
        case .renew:
            var renewals: [Renewal] = []
            var reader = ByteReader(view.items)
            for _ in 0..<view.itemCount {
                let item = try RenewalView(&reader)
                renewals.append(
                    Renewal(
                        claim: item.claim, name: Text.string(item.name), principal: Text.string(item.principal)))
            }
            self = .renew(renewals)
        case .release: self = .release(head, reference)
        case .cancel: self = .cancel(head, Cancel(target: view.target, name: reference.name))
        case .update: self = .update(head, Update(claim: reference, value: view.value.array))
        case .settings:
            var changes: [SettingChange] = []
            var reader = ByteReader(view.items)
            for _ in 0..<view.itemCount {
                let key = try reader.uint16()
                changes.append(SettingChange(key: key, value: try reader.uint64()))
            }
            self = .settings(head, changes)
        case .breakClaim, .revoke, .handOver: throw .unknown
        }
    }
}
