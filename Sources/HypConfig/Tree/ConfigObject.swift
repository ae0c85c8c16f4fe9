package import SourceText

/// A block of keys and values, in the order of first appearance.
package struct ConfigObject: Sendable {
    /// One key with its value.
    package struct Entry: Sendable {
        /// The key; quoted and bare spelling are the same key.
        package var key: String
        /// Where the key stands, in the file of the value.
        package var keyPosition: SourcePosition
        /// How many scalars the key takes as written, quotes included.
        package var keyLength: Int
        /// Its value.
        package var node: ConfigNode
    }

    /// The entries in order.
    package private(set) var entries: [Entry] = []
    private var indexOfKey: [String: Int] = [:]

    package init() {}

    /// The entry of a key.
    package subscript(key: String) -> Entry? {
        indexOfKey[key].map { entries[$0] }
    }

    /// Adds an entry, or puts it in the place of the one with the same key.
    mutating func set(_ entry: Entry) {
        if let index = indexOfKey[entry.key] {
            entries[index] = entry
        } else {
            indexOfKey[entry.key] = entries.count
            entries.append(entry)
        }
    }

    /// Changes the value of each entry in place.
    mutating func updateNodes(_ change: (inout ConfigNode) -> Void) {
        for index in entries.indices {
            change(&entries[index].node)
        }
    }
}
