package import LeaseholdBase
package import LeaseholdSystem

/// A length of time: an integer with its unit, `500ms`, `15s`, `2m`, `1h`. A bare number is none: its unit would be a
/// guess. Nil when the text is no length of time, or longer than can be counted.
package func duration(_ text: String) -> Nanoseconds? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int64(digits) else { return nil }
    let unit: Int64
    switch text.dropFirst(digits.count) {
    case "ms": unit = 1_000_000
    case "s": unit = 1_000_000_000
    case "m": unit = 60_000_000_000
    case "h": unit = 3_600_000_000_000
    default: return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : Nanoseconds(product)
}

/// A list of addresses, with commas between them. An element that is a port alone has the host of the one before it.
/// Nil when one of them is none.
package func endpoints(_ text: String) -> [Endpoint]? {
    var list: [Endpoint] = []
    for element in text.split(separator: ",", omittingEmptySubsequences: false) {
        if let port = UInt16(element), element.first != "+", case .internet(let host, _)? = list.last {
            list.append(.internet(host: host, port: port))
        } else if let endpoint = Endpoint(String(element)), isConcrete(endpoint) {
            list.append(endpoint)
        } else {
            return nil
        }
    }
    return list
}

/// Whether something could be reached there: port zero means any port, and only to a listener.
private func isConcrete(_ endpoint: Endpoint) -> Bool {
    if case .internet(_, 0) = endpoint { return false }
    return true
}

/// The text as a shell takes it for one word.
package func shellQuoted(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "/._-=:,@%+".unicodeScalars.contains(scalar))
    }
    if isPlain && !text.isEmpty { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
