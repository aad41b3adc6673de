internal import LeaseholdBase

extension CommandView {
    /// Why the command would be refused under these settings whatever the state of leases, or nil.
    ///
    /// The door asks before it appends anything to the log; apply asks again.
    ///
    /// - Parameter known: The greatest level that is understood.
    public func refusal(under settings: Settings, knowing known: UInt64 = Settings.knownLevel) -> LeaseError? {
        if kind != .renew {
            guard request.instance.rawValue > 0, request.sequence.rawValue > 0,
                lowestUnanswered <= request.sequence, principal.byteCount <= Limits.principalBytes,
                Text.isPlain(principal)
            else { return .malformed }
        }
        switch kind {
        case .acquire: return refusalOfAcquire(under: settings)
        case .renew: return itemCount <= Limits.claimsPerRenewal ? nil : .malformed
        case .release: return Self.refusalOfOptional(name)
        case .cancel:
            guard target.instance.rawValue > 0, target.sequence.rawValue > 0, target != request else {
                return .malformed
            }
            return Self.refusalOfOptional(name)
        case .update:
            if value.byteCount > Limits.valueBytes { return .valueTooLong }
            return Self.refusalOfOptional(name)
        case .settings:
            if itemCount > Limits.settingsPerCommand { return .malformed }
            do {
                guard let changed = try settings.changed(by: self, knowing: known) else { return .settingInvalid }
                return changed.areValid ? nil : .settingInvalid
            } catch {
                return .notSupported
            }
        case .breakClaim, .revoke, .handOver: return .notSupported
        }
    }

    private func refusalOfAcquire(under settings: Settings) -> LeaseError? {
        if let refusal = Self.refusal(ofName: name) { return refusal }
        guard (1...Limits.holderBytes).contains(holder.byteCount), Text.isPlain(holder) else {
            return .holderInvalid
        }
        if value.byteCount > Limits.valueBytes { return .valueTooLong }
        let life = Nanoseconds(Int64(clamping: ttl))
        guard settings.ttlMinimum <= life, life <= settings.ttlMaximum else {
            return .ttlOutOfRange(minimum: settings.ttlMinimum, maximum: settings.ttlMaximum)
        }
        guard capacity == Limits.onlyCapacity, wait == .none, lockDelay == 0 else { return .notSupported }
        return nil
    }

    /// Why a name cannot be a lease's, or nil.
    public static func refusal(ofName name: RawSpan) -> LeaseError? {
        (1...Limits.nameBytes).contains(name.byteCount) && Text.isPlain(name) ? nil : .nameInvalid
    }

    /// Why a prefix cannot be that of a lease's name, or nil. It may be empty, and may end within a character.
    public static func refusal(ofPrefix prefix: RawSpan) -> LeaseError? {
        prefix.byteCount <= Limits.nameBytes ? nil : .nameInvalid
    }

    private static func refusalOfOptional(_ name: RawSpan) -> LeaseError? {
        name.byteCount == 0 ? nil : refusal(ofName: name)
    }
}

extension Settings {
    /// These settings with the changes of a command; not checked for range. Nil when they are not the asker's to change:
    /// the level is raised, by nobody but the cluster itself, and never lowered.
    /// Throws when the command names a setting, or a level, that this build does not know.
    func changed(by command: borrowing CommandView, knowing known: UInt64) throws(UnknownCommand) -> Settings? {
        var changed = self
        var offset = 0
        var mayChange = true
        while offset + 10 <= command.items.byteCount {
            let number = UInt16(command.items[offset]) | UInt16(command.items[offset + 1]) << 8
            guard let key = SettingKey(rawValue: number) else { throw UnknownCommand(known: known) }
            let value = command.items.word(at: offset + 2)
            if key == .level {
                guard value <= known else { throw UnknownCommand(level: value, known: known) }
                let isRaise = command.request.instance == .cluster && value > level
                if value != level, !isRaise { mayChange = false }
            }
            changed[key] = value
            offset += 10
        }
        return mayChange ? changed : nil
    }
}
