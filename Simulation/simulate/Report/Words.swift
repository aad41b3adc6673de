/// A number in groups of three digits.
func grouped(_ number: some BinaryInteger) -> String {
    var text = ""
    for (offset, digit) in String(number).reversed().enumerated() {
        if offset > 0, offset % 3 == 0, digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}

/// A number and what it counts: `1 seed`, `2 seeds`.
func counted(_ number: some BinaryInteger, _ word: String) -> String {
    grouped(number) + " " + word + (number == 1 ? "" : "s")
}

/// The beginning of a line that is too long.
func clipped(_ line: String, to width: Int = 110) -> String {
    // Counted in Unicode scalars: what goes to a terminal is ASCII.
    line.unicodeScalars.count <= width ? line : String(line.unicodeScalars.prefix(width - 3)) + "..."
}

/// A line folded at spaces into at most so many lines; those behind the first are set in.
func folded(_ line: String, indent: String, width: Int = 110, lines most: Int) -> [String] {
    var lines: [String] = []
    var current = indent
    for word in line.split(separator: " ") {
        if current.count > indent.count, current.count + 1 + word.count > width {
            lines.append(current)
            current = indent + "  " + word
        } else {
            current += (current.count == indent.count ? "" : " ") + word
        }
    }
    lines.append(current)
    guard lines.count > most else { return lines.map { clipped($0, to: width) } }
    let rest = lines[(most - 1)...].map { $0.drop { $0 == " " } }.joined(separator: " ")
    return (lines[..<(most - 1)] + [indent + "  " + rest]).map { clipped($0, to: width) }
}
