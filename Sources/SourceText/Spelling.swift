/// Finds the word that somebody probably meant.
package enum Spelling {
    /// A word that is none of those that are known, and the one that it resembles most.
    package struct Guess: Sendable, Hashable {
        /// As it is written.
        package var written: String
        /// The nearest of the candidates.
        package var word: String
        /// Whether no other candidate is as near, so that there is nothing to choose.
        package var isOnly: Bool

        package init(written: String, word: String, isOnly: Bool) {
            self.written = written
            self.word = word
            self.isOnly = isOnly
        }

        /// The help line of a finding about the word.
        package var question: String { "did you mean '\(word)'?" }

        /// What to write in the place of the word; nil where there is a choice.
        package func replacement(at position: SourcePosition) -> Replacement? {
            isOnly ? Replacement(position: position, old: written, new: word) : nil
        }
    }

    /// The nearest of the candidates, or nil when none is near enough to be meant.
    package static func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
        guess(word, among: candidates)?.word
    }

    /// The nearest of the candidates, and whether another one is as near; nil when none is near enough to be
    /// meant.
    ///
    /// Case, `_`, `-` and blanks do not count, so `maxConnections` finds `max_connections`. What remains
    /// may differ by a third of its letters, at least one and at most four; a swap of neighbours counts
    /// once. Ties go to the word that looks more alike as written, then to the alphabetically first: the
    /// answer never depends on the candidates' order.
    package static func guess(_ word: String, among candidates: some Sequence<String>) -> Guess? {
        let written = Array(word.unicodeScalars.prefix(longestWord + 1))
        guard (1...longestWord).contains(written.count) else { return nil }
        let folded = fold(word)
        var best: (distance: Int, asWritten: Int, word: String)?
        var isOnly = true
        for candidate in candidates {
            let other = fold(candidate)
            let allowed = min(4, max(1, max(folded.count, other.count) / 3))
            guard other.count <= longestWord, abs(other.count - folded.count) <= allowed else { continue }
            let distance = distance(folded, other)
            // Words of one or two letters are all near each other: there, only case and hyphens may differ.
            guard distance <= (min(folded.count, other.count) < 3 ? 0 : allowed) else { continue }
            let found = (distance, self.distance(written, Array(candidate.unicodeScalars)), candidate)
            guard let known = best, known.word != candidate else {
                best = best ?? found
                continue
            }
            let nearness = (distance, found.1)
            if nearness <= (known.distance, known.asWritten) {
                isOnly = nearness < (known.distance, known.asWritten)
            }
            if found < (known.distance, known.asWritten, known.word) { best = found }
        }
        return best.map { Guess(written: word, word: $0.word, isOnly: isOnly) }
    }

    /// Nobody mistypes a longer word; the bound keeps the quadratic comparison cheap whatever the input.
    private static let longestWord = 64

    private static func fold(_ word: String) -> [Unicode.Scalar] {
        word.lowercased().unicodeScalars.filter { $0 != "_" && $0 != "-" && $0 != " " }
    }

    /// The Damerau–Levenshtein distance in scalars (optimal string alignment: no letter is moved twice).
    package static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                let replaced = last[column] + (letter == other ? 0 : 1)
                var cost = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
