/// The prepared statements of one connection, by text; the one unused for longest makes room.
final class StatementCache {
    private let size: Int
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0

    private final class Entry {
        let statement: PreparedStatement
        var lastUse: UInt64

        init(_ statement: PreparedStatement, lastUse: UInt64) {
            self.statement = statement
            self.lastUse = lastUse
        }
    }

    init(size: Int) {
        self.size = size
        entries.reserveCapacity(size + 1)
    }

    /// The statement of that text, nil when it is not here.
    func statement(for text: String) -> PreparedStatement? {
        guard let entry = entries[text] else { return nil }
        clock += 1
        entry.lastUse = clock
        return entry.statement
    }

    /// Keeps a statement, in place of the one unused for longest when there are too many.
    func insert(_ statement: PreparedStatement, for text: String) {
        // Looking at all entries is cheaper than keeping them in order: it happens once per compilation,
        // and a compilation costs as much as a look at hundreds of them.
        if entries.count >= size, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
            entries[oldest] = nil
        }
        clock += 1
        entries[text] = Entry(statement, lastUse: clock)
    }

    /// Finalizes all of them.
    func removeAll() {
        entries.removeAll()
    }
}
