internal import SQL

/// A statement that the server knows by a name, or will know once it is prepared.
final class PreparedStatement {
    /// As the server knows it; empty where nothing is prepared by name.
    let name: String
    /// With numbered parameters.
    let text: String
    let parameterCount: Int
    /// The names of its columns, from its first result on. A change of them makes the server refuse it.
    var columns: [String]?
    fileprivate var lastUse = 0

    init(name: String, _ text: String) {
        self.name = name
        let numbered = ParameterMarkers.numbered(text)
        self.text = numbered.text
        parameterCount = numbered.count
    }
}

/// The statements that a connection has prepared, by text; the one unused for longest makes room.
struct PreparedStatements {
    private let limit: Int
    private var entries: [String: PreparedStatement] = [:]
    private var uses = 0
    private var made = 0
    /// Names that the server still holds and nobody uses any more.
    private(set) var garbage: [String] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// The statement of that text, nil when it is not prepared.
    mutating func find(_ text: String) -> PreparedStatement? {
        guard let entry = entries[text] else { return nil }
        touch(entry)
        return entry
    }

    /// A statement for a new text, under a name that was never used.
    mutating func make(for text: String) -> PreparedStatement {
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            remove(oldest.key)
        }
        made += 1
        let entry = PreparedStatement(name: "hypjobs_\(made)", text)
        touch(entry)
        entries[text] = entry
        return entry
    }

    /// Forgets a statement that the server holds.
    mutating func remove(_ text: String) {
        guard let entry = entries.removeValue(forKey: text) else { return }
        garbage.append(entry.name)
    }

    /// Forgets a statement that the server could not prepare.
    mutating func discard(_ text: String) {
        entries[text] = nil
    }

    /// The server holds the name no longer.
    mutating func collected(_ name: String) {
        garbage.removeAll { $0 == name }
    }

    private mutating func touch(_ entry: PreparedStatement) {
        uses += 1
        entry.lastUse = uses
    }
}
