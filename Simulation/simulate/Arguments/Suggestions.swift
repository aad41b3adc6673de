/// How many letters must be inserted, dropped, changed or swapped with their neighbour to turn one word into the other.
func distance(_ left: String, _ right: String) -> Int {
    let from = Array(left.unicodeScalars)
    let to = Array(right.unicodeScalars)
    var rows = [Array(0...to.count)]
    for row in 0..<from.count {
        var next = [row + 1]
        for column in 0..<to.count {
            let change = rows[row][column] + (from[row] == to[column] ? 0 : 1)
            var least = min(change, rows[row][column + 1] + 1, next[column] + 1)
            if row > 0, column > 0, from[row] == to[column - 1], from[row - 1] == to[column] {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            next.append(least)
        }
        rows.append(next)
    }
    return rows[from.count][to.count]
}

/// The name that was probably meant; nil when none is near.
func nearest(to word: String, among names: [String]) -> String? {
    let limit = max(1, word.count / 3)
    let scored = names.map { name in
        (name: name, distance: name.hasPrefix(word) && word.count >= 2 ? 0 : distance(word, name))
    }
    guard let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
    return best.name
}
