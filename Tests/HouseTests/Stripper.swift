/// Takes comments and the words of strings out of a Swift file, and leaves its lines and what is interpolated.
struct Stripper {
    private let bytes: [UInt8]
    private var place = 0
    private var result: [UInt8] = []

    init(text: String) {
        bytes = Array(text.utf8)
        result.reserveCapacity(bytes.count)
    }

    mutating func strip() -> String {
        code(isInterpolated: false)
        return String(decoding: result, as: UTF8.self)
    }

    private func at(_ text: StaticString, offset: Int = 0) -> Bool {
        let start = place + offset
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[start + index] != text.utf8Start[index] { return false }
        return true
    }

    /// So many pound signs from here on.
    private func pounds(offset: Int = 0) -> Int {
        var count = 0
        while place + offset + count < bytes.count, bytes[place + offset + count] == UInt8(ascii: "#") { count += 1 }
        return count
    }

    /// Up to the parenthesis that closes an interpolation, or the end.
    private mutating func code(isInterpolated: Bool) {
        var depth = 0
        while place < bytes.count {
            let byte = bytes[place]
            if at("//") {
                while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
            } else if at("/*") {
                comment()
            } else if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "#") && at("\"", offset: pounds())) {
                string()
            } else {
                if isInterpolated && byte == UInt8(ascii: "(") { depth += 1 }
                if isInterpolated && byte == UInt8(ascii: ")") {
                    if depth == 0 { return }
                    depth -= 1
                }
                result.append(byte)
                place += 1
            }
        }
    }

    private mutating func comment() {
        var depth = 0
        while place < bytes.count {
            if at("/*") {
                depth += 1
                place += 2
            } else if at("*/") {
                depth -= 1
                place += 2
                if depth == 0 { return }
            } else {
                keepLine()
            }
        }
    }

    private mutating func keepLine() {
        if bytes[place] == UInt8(ascii: "\n") { result.append(bytes[place]) }
        place += 1
    }

    private mutating func string() {
        let fence = pounds()
        place += fence
        let isLong = at("\"\"\"")
        let quote = isLong ? 3 : 1
        place += quote
        result.append(UInt8(ascii: "\""))
        while place < bytes.count {
            if isLong ? at("\"\"\"") : at("\""), pounds(offset: quote) >= fence {
                place += quote + fence
                break
            } else if at("\\"), pounds(offset: 1) >= fence {
                place += 1 + fence
                guard at("(") else {
                    place += 1
                    continue
                }
                place += 1
                result.append(UInt8(ascii: "("))
                code(isInterpolated: true)
                result.append(UInt8(ascii: ")"))
                place += 1
            } else {
                keepLine()
            }
        }
        result.append(UInt8(ascii: "\""))
    }
}
