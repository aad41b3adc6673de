package import Foundation
package import Simulator

/// A plan as JSON: everything that a run does.
package enum ReplayFile {
    /// Reads one; what is wrong with it is told.
    package static func read(_ path: String) throws(CommandFailure) -> Plan {
        try decode(try TextFile.read(path), name: path)
    }

    /// Makes a plan of the bytes of a file.
    package static func decode(_ data: Data, name: String) throws(CommandFailure) -> Plan {
        struct Head: Decodable { var format: Int? }
        let decoder = JSONDecoder()
        guard let head = try? decoder.decode(Head.self, from: data), let format = head.format else {
            throw CommandFailure("\(name) is damaged or no replay file: it is not JSON with a format number")
        }
        guard 1...Plan.format ~= format else {
            throw CommandFailure("\(name) has format \(format), and this program knows formats 1 to \(Plan.format)")
        }
        let plan: Plan
        do { plan = try decoder.decode(Plan.self, from: data) } catch {
            throw CommandFailure("\(name) is damaged: \(explain(error, in: data))")
        }
        if let complaint = plan.complaint { throw CommandFailure("\(name) is damaged: \(complaint)") }
        return plan
    }

    /// What is wrong, and with which member: `faults[0].kind`.
    private static func explain(_ error: any Error, in data: Data) -> String {
        guard let error = error as? DecodingError else { return "it cannot be decoded" }
        switch error {
        case .keyNotFound(let key, let context): return "\(path(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context): return "\(path(context.codingPath)) is null"
        case .typeMismatch(let type, let context): return "\(path(context.codingPath)) is no \(name(of: type))"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // A number that does not fit is told without its place.
            let value = try? JSONSerialization.jsonObject(with: data)
            return value.flatMap { fraction(in: $0) }.map { "\($0) is no whole number that fits" }
                ?? "a number in it is negative or too large"
        case .dataCorrupted(let context): return "\(path(context.codingPath)) is none of those that there are"
        @unknown default: return "it cannot be decoded"
        }
    }

    /// The path of the first number that is not whole, or has more than 64 bits.
    private static func fraction(in value: Any, _ path: String = "") -> String? {
        if let number = value as? NSNumber { return Int("\(number)") == nil && UInt64("\(number)") == nil ? path : nil }
        for (place, member) in (value as? [Any] ?? []).enumerated() {
            if let found = fraction(in: member, "\(path)[\(place)]") { return found }
        }
        for (name, member) in (value as? [String: Any] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let step = name.hasPrefix("_") ? "" : (path.isEmpty ? "" : ".") + name
            if let found = fraction(in: member, path + step) { return found }
        }
        return nil
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var text = ""
        for key in keys {
            if let place = key.intValue {
                text += "[\(place)]"
            } else if !key.stringValue.hasPrefix("_") {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text.isEmpty ? "the file" : text
    }

    private static func name(of type: any Any.Type) -> String {
        if type is any BinaryInteger.Type { return "whole number that fits" }
        if type == String.self { return "text" }
        if type is any Collection.Type { return type == [String: Any].self ? "object" : "list" }
        return "member that belongs there"
    }

    /// Writes one.
    package static func write(_ plan: Plan, to path: String) throws(CommandFailure) {
        try TextFile.write(JSONText.pretty(plan) + "\n", to: path)
    }
}
