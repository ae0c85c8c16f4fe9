import Glibc

/// An object of the documented dialect: the first `count` entries of a table.
///
/// Like arrays, objects are values. A key that is new goes into the table in place when the object is all of
/// it, so that filling an object key by key is linear; everything else is done on a copy.
struct DictionaryObject {
    var header: ObjectHeader
    var count: Int
    var table: EntriesReference
}

/// Entries in the order of their keys' arrival, each key once, and behind them an index by hash.
struct EntriesObject {
    var header: ObjectHeader
    var used: Int
    var capacity: Int
}

/// A key and its value.
struct DictionaryEntry {
    var key: Value
    var value: Value
}

typealias DictionaryReference = UnsafeMutablePointer<DictionaryObject>
typealias EntriesReference = UnsafeMutablePointer<EntriesObject>

extension UnsafeMutablePointer<EntriesObject> {
    @inline(__always)
    var entries: UnsafeMutablePointer<DictionaryEntry> {
        UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: DictionaryEntry.self)
    }

    /// Numbers of entries plus one, 0 for a free slot; twice as many slots as entries.
    fileprivate var slots: UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(entries + pointee.capacity).assumingMemoryBound(to: Int32.self)
    }

    fileprivate var hasSlots: Bool { pointee.capacity > EntriesObject.longestWithoutIndex }

    /// Where a key is among the first `count` entries.
    func place(of key: UnsafeBufferPointer<UInt8>, count: Int) -> Int? {
        guard hasSlots else {
            for index in 0..<count where Self.isEqual(entries[index].key.utf8, key) { return index }
            return nil
        }
        var slot = firstSlot(of: key)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if Self.isEqual(entries[index].key.utf8, key) { return index < count ? index : nil }
            slot = (slot + 1) & (2 * pointee.capacity - 1)
        }
        return nil
    }

    /// Adds an entry whose key is new, for which there is room.
    func append(_ key: Value, _ value: Value) {
        let index = pointee.used
        entries[index] = DictionaryEntry(key: key, value: value)
        pointee.used = index + 1
        guard hasSlots else { return }
        var slot = firstSlot(of: key.utf8)
        while slots[slot] != 0 { slot = (slot + 1) & (2 * pointee.capacity - 1) }
        slots[slot] = Int32(truncatingIfNeeded: index + 1)
    }

    fileprivate func clearSlots() {
        if hasSlots { memset(slots, 0, 2 * pointee.capacity * 4) }
    }

    /// The hash has a seed of the process, so that no text from outside can be made to collide.
    private func firstSlot(of key: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(key))
        return hasher.finalize() & (2 * pointee.capacity - 1)
    }

    private static func isEqual(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard left.count == right.count else { return false }
        guard let start = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(start, other, left.count) == 0
    }
}

extension EntriesObject {
    /// Up to this many keys comparing beats hashing.
    static let longestWithoutIndex = 8
}

extension Value {
    /// An object's entries, valid as long as it lives.
    var entries: UnsafeBufferPointer<DictionaryEntry> {
        UnsafeBufferPointer(start: dictionary.pointee.table.entries, count: dictionary.pointee.count)
    }

    /// The value of a key in an object, nil if it has none.
    func value(ofKey key: UnsafeBufferPointer<UInt8>) -> Value? {
        let table = dictionary.pointee.table
        return table.place(of: key, count: dictionary.pointee.count).map { table.entries[$0].value }
    }
}

extension Heap {
    /// An empty object with room for `capacity` keys; nil beyond the hard limit.
    mutating func makeDictionary(capacity: Int) -> DictionaryReference? {
        guard let table = makeEntries(capacity: capacity) else { return nil }
        return makeDictionary(table, count: 0)
    }

    private mutating func makeDictionary(_ table: EntriesReference, count: Int) -> DictionaryReference? {
        let size = MemoryLayout<DictionaryObject>.size
        guard let place = allocate(.dictionary, index: LayoutKey.dictionary, size: size) else { return nil }
        let dictionary = place.assumingMemoryBound(to: DictionaryObject.self)
        dictionary.pointee.count = count
        dictionary.pointee.table = table
        return dictionary
    }

    /// Beyond the longest list without an index the capacity is a power of two.
    private mutating func makeEntries(capacity: Int) -> EntriesReference? {
        guard capacity < 1 << 30 else { return nil }
        var room = max(2, capacity)
        if room > EntriesObject.longestWithoutIndex {
            room = 1 << (Int.bitWidth - (room - 1).leadingZeroBitCount)
        }
        let isIndexed = room > EntriesObject.longestWithoutIndex
        let size = MemoryLayout<EntriesObject>.size + room * (isIndexed ? 24 : 16)
        guard isPossible(size), let place = allocate(.entries, size: size) else { return nil }
        let table = place.assumingMemoryBound(to: EntriesObject.self)
        table.pointee.used = 0
        table.pointee.capacity = room
        table.clearSlots()
        return table
    }

    /// Sets a key of an object that nobody else has seen yet; false beyond the hard limit.
    mutating func insert(_ key: Value, _ value: Value, into dictionary: DictionaryReference) -> Bool {
        let table = dictionary.pointee.table
        if let index = table.place(of: key.utf8, count: dictionary.pointee.count) {
            table.entries[index].value = value
            return true
        }
        if table.pointee.used == table.pointee.capacity {
            guard let larger = copy(table, count: dictionary.pointee.count, capacity: 2 * table.pointee.used)
            else { return false }
            dictionary.pointee.table = larger
        }
        dictionary.pointee.table.append(key, value)
        dictionary.pointee.count += 1
        return true
    }

    private mutating func copy(
        _ table: EntriesReference, count: Int, capacity: Int
    ) -> EntriesReference? {
        guard let copy = makeEntries(capacity: capacity) else { return nil }
        for index in 0..<count {
            if index & 0x3FFF == 0x3FFF, signal.isGiven { return nil }
            copy.append(table.entries[index].key, table.entries[index].value)
        }
        return copy
    }

    /// A copy with room for more keys.
    mutating func copy(_ dictionary: DictionaryReference, adding more: Int) -> DictionaryReference? {
        let count = dictionary.pointee.count
        guard let table = copy(dictionary.pointee.table, count: count, capacity: count + more) else {
            return nil
        }
        return makeDictionary(table, count: count)
    }

    /// The object with a key set: a new key in place where possible, else a copy.
    mutating func setting(_ key: Value, _ value: Value, in dictionary: DictionaryReference)
        -> DictionaryReference?
    {
        let table = dictionary.pointee.table
        let count = dictionary.pointee.count
        if table.place(of: key.utf8, count: count) == nil, table.pointee.used == count {
            if count < table.pointee.capacity {
                guard let longer = makeDictionary(table, count: count + 1) else { return nil }
                table.append(key, value)
                return longer
            }
            guard let larger = copy(dictionary, adding: count) else { return nil }
            return insert(key, value, into: larger) ? larger : nil
        }
        guard let copy = copy(dictionary, adding: 1) else { return nil }
        return insert(key, value, into: copy) ? copy : nil
    }
}
