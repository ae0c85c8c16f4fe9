internal import SQL

/// The names of the statements that a connection has prepared, by text; the one unused longest makes room.
struct PreparedStatements {
    /// One prepared statement.
    struct Entry {
        /// As the server knows it.
        let name: String
        /// With numbered parameters.
        let text: String
        let parameterCount: Int
        fileprivate var lastUse = 0
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var uses = 0
    private var made = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// The statement of that text, nil when it is not prepared.
    subscript(text: String) -> Entry? {
        mutating get {
            uses += 1
            entries[text]?.lastUse = uses
            return entries[text]
        }
    }

    /// A name and numbered markers for a new text, and the name that has to go for it.
    mutating func make(for text: String) -> (entry: Entry, evicted: String?) {
        made += 1
        let numbered = ParameterMarkers.numbered(text)
        let entry = Entry(name: "hypjobs_\(made)", text: numbered.text, parameterCount: numbered.count)
        guard entries.count >= limit,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return (entry, nil) }
        entries[oldest.key] = nil
        return (entry, oldest.value.name)
    }

    mutating func insert(_ entry: Entry, for text: String) {
        var entry = entry
        uses += 1
        entry.lastUse = uses
        entries[text] = entry
    }

    mutating func remove(_ text: String) -> Entry? {
        entries.removeValue(forKey: text)
    }
}
