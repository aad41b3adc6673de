internal import LeaseholdBase

extension OperationLog.Line {
    /// Reads a line as it was written; nil when it is none. Keys may come in any order, and unknown ones are passed over.
    package init?(_ text: some Collection<UInt8>) {
        var reader = LineReader(Array(text))
        guard let fields = reader.object() else { return nil }
        func number(_ key: String) -> UInt64? { fields[key].flatMap { $0 }.flatMap { UInt64($0) } }
        guard let word = fields["op"].flatMap({ $0 }), let operation = OperationLog.Operation(rawValue: word),
            let name = fields["name"].flatMap({ $0 }), let sent = number("t_send_ns")
        else { return nil }
        let replied = number("t_reply_ns")
        guard operation == .unknown || replied != nil else { return nil }
        self.init(
            operation, name: name, claim: number("claim").map { ClaimID($0) },
            token: number("token").map { FencingToken($0) }, sent: SteadyTime(sent),
            replied: replied.map { SteadyTime($0) },
            ttl: number("ttl_ms").map { .milliseconds(Int64(clamping: $0)) })
    }
}

/// Reads one flat JSON object of strings, whole numbers and nulls.
private struct LineReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0D { place += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: scalar) else { return false }
        place += 1
        return true
    }

    /// The members, a null as nil; nil when it is no such object, or something stands behind it.
    mutating func object() -> [String: String?]? {
        var members: [String: String?] = [:]
        guard take("{") else { return nil }
        if !take("}") {
            repeat {
                guard let key = string(), take(":"), let value = value() else { return nil }
                members[key] = .some(value)
            } while take(",")
            guard take("}") else { return nil }
        }
        skipSpace()
        return place == bytes.count ? members : nil
    }

    /// A string or number as its text, a null as nil within.
    private mutating func value() -> String?? {
        skipSpace()
        if next == UInt8(ascii: "\"") { return string().map { .some($0) } }
        let start = place
        while let byte = next, byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { place += 1 }
        let word = String(decoding: bytes[start..<place], as: UTF8.self)
        if word == "null" { return .some(nil) }
        return Int64(word) == nil && UInt64(word) == nil ? nil : .some(word)
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard place + 4 <= bytes.count else { return nil }
            let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
            place += 4
            return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        default: return nil
        }
    }
}
