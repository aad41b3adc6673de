/// Columns for people: headings in capitals, numbers to the right, two spaces between.
package struct Table: Sendable {
    /// One column.
    package struct Column: Sendable {
        let heading: String
        let isNumber: Bool

        /// A column of words.
        package static func words(_ heading: String) -> Column { Column(heading: heading, isNumber: false) }
        /// A column of numbers.
        package static func numbers(_ heading: String) -> Column { Column(heading: heading, isNumber: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// A table without rows.
    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; it has as many cells as there are columns.
    package mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map { $0.isEmpty ? "-" : printable($0) })
    }

    /// The text, a line a row.
    package var text: String {
        let headings = columns.map { $0.heading.uppercased() }
        let widths = columns.indices.map { column in
            ([headings] + rows).reduce(0) { max($0, $1[column].count) }
        }
        return ([headings] + rows).map { line($0, widths) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - cell.count)
            if column > 0 { text += "  " }
            if columns[column].isNumber {
                text += padding + cell
            } else {
                text += cell + (column == cells.count - 1 ? "" : padding)
            }
        }
        return text
    }
}

/// Names and what they are, a line each, for a single thing.
package func describe(_ members: [(key: String, value: String)]) -> String {
    let width = members.reduce(0) { max($0, $1.key.count) }
    return members.map { member in
        let padding = String(repeating: " ", count: width - member.key.count)
        return member.key + padding + "  " + (member.value.isEmpty ? "-" : printable(member.value)) + "\n"
    }.joined()
}

/// The text with whatever would steer a terminal spelled out: a value is anybody's, and may hold anything.
package func printable(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
        if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
            let digits = String(scalar.value, radix: 16)
            safe += "\\x" + (digits.count < 2 ? "0" : "") + digits
        } else {
            safe.unicodeScalars.append(scalar)
        }
    }
    return safe
}
