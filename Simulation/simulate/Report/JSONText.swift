import Foundation

/// Values as JSON, keys in order, so that two runs write the same.
package enum JSONText {
    /// On one line.
    package static func line(_ value: some Encodable) -> String { text(value, []) }

    /// For people to read and edit.
    package static func pretty(_ value: some Encodable) -> String { text(value, .prettyPrinted) }

    private static func text(_ value: some Encodable, _ options: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, options]
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
