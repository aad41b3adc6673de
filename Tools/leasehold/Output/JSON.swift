/// A value as JSON has it, with its keys in the order in which they are written.
package indirect enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number with three decimal places, in thousandths.
    case thousandths(Int64)
    case string(String)
    case array([JSON])
    case object([(key: String, value: JSON)])

    /// A counter that scripts must not lose digits of: 64 bits do not fit the numbers of most JSON readers.
    package static func digits(_ value: UInt64) -> JSON { .string(String(value)) }

    /// A number, saturating at the greatest that is signed.
    package static func count(_ value: some BinaryInteger) -> JSON { .integer(Int64(clamping: value)) }

    /// The value, or null.
    package static func optional(_ value: JSON?) -> JSON { value ?? .null }

    /// The text on one line.
    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .thousandths(let value): text += Self.decimal(value)
        case .string(let value): Self.quote(value, into: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += ", " }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += ", " }
                Self.quote(member.key, into: &text)
                text += ": "
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    /// `1.5` for 1500; at least one place behind the point.
    private static func decimal(_ thousandths: Int64) -> String {
        let magnitude = thousandths.magnitude
        var places = String(magnitude % 1000 + 1000).dropFirst()
        while places.count > 1, places.hasSuffix("0") { places = places.dropLast() }
        return (thousandths < 0 ? "-" : "") + "\(magnitude / 1000).\(places)"
    }

    private static func quote(_ value: String, into text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}

/// Bytes as text that any reader takes (RFC 4648, with padding).
package func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
        let bits = group[0] << 16 | group[1] << 8 | group[2]
        for place in 0..<4 {
            let isPadding = start + place > bytes.count
            text.append(isPadding ? UInt8(ascii: "=") : alphabet[bits >> (18 - 6 * place) & 63])
        }
    }
    return String(decoding: text, as: UTF8.self)
}
