/// What a line of a history may hold: JSON, and of its numbers only whole ones that are not negative.
package indirect enum JSONValue: Hashable, Sendable {
    /// A number.
    case number(UInt64)
    /// A text.
    case text(String)
    /// Values in order.
    case list([JSONValue])
    /// Named values in order.
    case object([Member])

    /// A named value.
    package struct Member: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// It.
        package var value: JSONValue
    }

    /// Appends the value's text.
    package func write(into text: inout String) {
        switch self {
        case .number(let number): text += String(number)
        case .text(let string): Self.write(string, into: &text)
        case .list(let values):
            text += "["
            for (place, value) in values.enumerated() {
                if place > 0 { text += "," }
                value.write(into: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (place, member) in members.enumerated() {
                if place > 0 { text += "," }
                Self.write(member.name, into: &text)
                text += ":"
                member.value.write(into: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, into text: inout String) {
        let digits = Array("0123456789abcdef")
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.value < 0x20:
                text += "\\u00"
                text.append(digits[Int(scalar.value >> 4)])
                text.append(digits[Int(scalar.value & 15)])
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

/// Reads one value from the bytes of a line.
struct JSONReader {
    /// Why a line is not what it should be.
    struct Failure: Error {
        var message: String
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private static let depthMax = 8

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The one value of the line.
    mutating func whole() throws(Failure) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.endIndex else { throw failure("nothing may follow the value") }
        return value
    }

    private func failure(_ what: String) -> Failure {
        Failure(message: "\(what) (byte \(position - bytes.startIndex + 1))")
    }

    private mutating func skipSpace() {
        while position < bytes.endIndex, [0x20, 0x09, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private func peek() -> UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func expect(_ character: Character) throws(Failure) {
        skipSpace()
        guard peek() == character.asciiValue else { throw failure("expected \(character)") }
        position += 1
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.depthMax else { throw failure("values are nested too deeply") }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return .object(try members(depth))
        case UInt8(ascii: "["): return .list(try values(depth))
        case UInt8(ascii: "\""): return .text(try text())
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try number())
        case nil: throw failure("the line ends early")
        default: throw failure("expected a whole number, a text, a list or an object")
        }
    }

    private mutating func number() throws(Failure) -> UInt64 {
        var number: UInt64 = 0
        while let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            let (tens, first) = number.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !first, !second else { throw failure("a number has more than 64 bits") }
            number = sum
            position += 1
        }
        if let next = peek(), [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(next) {
            throw failure("numbers are whole")
        }
        return number
    }

    private mutating func text() throws(Failure) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw failure("a text is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): content += try escape()
            case 0..<0x20: throw failure("a text has a control character")
            default: content.append(byte)
            }
        }
        throw failure("a text does not end")
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        guard let kind = peek() else { throw failure("a text does not end") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "u"):
            let digits = bytes[position..<min(position + 4, bytes.endIndex)]
            guard digits.count == 4, let text = String(validating: digits, as: UTF8.self),
                let code = UInt32(text, radix: 16), let scalar = Unicode.Scalar(code)
            else { throw failure("an escape is not four hexadecimal digits of a character") }
            position += 4
            return Array(String(scalar).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func values(_ depth: Int) throws(Failure) -> [JSONValue] {
        try expect("[")
        skipSpace()
        var values: [JSONValue] = []
        if peek() == UInt8(ascii: "]") {
            position += 1
            return values
        }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if peek() == UInt8(ascii: "]") {
                position += 1
                return values
            }
            try expect(",")
        }
    }

    private mutating func members(_ depth: Int) throws(Failure) -> [JSONValue.Member] {
        try expect("{")
        skipSpace()
        var members: [JSONValue.Member] = []
        if peek() == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw failure("expected a name") }
            let name = try text()
            guard !members.contains(where: { $0.name == name }) else { throw failure("\(name) stands twice") }
            try expect(":")
            members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if peek() == UInt8(ascii: "}") {
                position += 1
                return members
            }
            try expect(",")
        }
    }
}
