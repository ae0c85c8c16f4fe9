/// The first of each group of deeply equal values, in order.
///
/// Values that cannot be equal are kept apart by a key, so that arrays of many different values take linear
/// time; only values with the same key are compared.
struct DistinctValues {
    private let call: BuiltinCall
    private(set) var values: [Value] = []
    private var index = HashIndex()

    init(_ call: BuiltinCall) {
        self.call = call
    }

    mutating func insert(_ value: Value) throws(Raised) {
        if try contains(value) { return }
        if values.count == values.capacity { try call.reserve(values.count * 48) }
        // What equals nothing, not even itself, is not looked for again.
        if !value.isNumber || value.number.isFinite {
            try index.add(Self.key(of: value), number: values.count, call)
        }
        values.append(value)
    }

    func contains(_ value: Value) throws(Raised) -> Bool {
        if value.isNumber {
            let number = value.number
            guard number.isFinite else { return false }
            if number.magnitude < 2.5 {
                let bucket = Self.bucket(of: number)
                for neighbour in [bucket, bucket - 1, bucket + 1]
                where try find(value, UInt64(bitPattern: Int64(neighbour))) { return true }
                return false
            }
        }
        return try find(value, Self.key(of: value))
    }

    private func find(_ value: Value, _ key: UInt64) throws(Raised) -> Bool {
        try index.contains(key, call) { call.isDeeplyEqual(values[$0], value) }
    }

    /// Numbers are equal within 2.2e-16, that is 2⁻⁵²: then they are in the same bucket of that width or in
    /// neighbouring ones. From 2 on, neighbours are farther apart.
    private static func bucket(of number: Double) -> Int { Int((number * 0x1p52).rounded(.down)) }

    private static func key(of value: Value) -> UInt64 {
        guard value.isNumber else { return shallowHash(of: value, depth: 0) }
        let number = value.number
        return number.magnitude < 2.5 ? UInt64(bitPattern: Int64(bucket(of: number))) : value.bits
    }

    /// How many parts of a container, and bytes at either end of a text, the hash looks at.
    private static let sample = 16

    /// The same for values that are equal; for numbers, whose equality is not transitive, only by their kind.
    private static func shallowHash(of value: Value, depth: Int) -> UInt64 {
        var hasher = Hasher()
        if value.isNumber {
            // Farther from zero than this, equal numbers have the same bits.
            hasher.combine(value.number.magnitude < 2.5 ? 0 : value.bits)
        } else if value.has(.string) {
            combine(value.utf8, into: &hasher, isWhole: depth == 0)
        } else if value.has(.array) {
            let elements = value.elements
            hasher.combine(elements.count)
            if depth < 2 {
                for element in elements.prefix(sample) {
                    hasher.combine(shallowHash(of: element, depth: depth + 1))
                }
            }
        } else if value.isDictionary {
            let entries = value.entries
            hasher.combine(entries.count)
            if depth < 2, entries.count <= sample {
                // The order of the keys makes no difference.
                hasher.combine(
                    entries.reduce(0 as UInt64) { sum, entry in
                        sum &+ shallowHash(of: entry.key, depth: 2)
                            &* (shallowHash(of: entry.value, depth: depth + 1) | 1)
                    })
            }
        } else if value.isRecord {
            let count = value.fields.pointee.count
            hasher.combine(count)
            if depth < 2, count <= sample {
                hasher.combine(
                    (0..<count).reduce(0 as UInt64) { sum, slot in
                        sum &+ shallowHash(of: value.fields.values[slot], depth: depth + 1)
                    })
            }
        } else if value.has(.function) {
            hasher.combine(1)
        } else {
            hasher.combine(value.bits)
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static func combine(_ text: UnsafeBufferPointer<UInt8>, into hasher: inout Hasher, isWhole: Bool)
    {
        hasher.combine(text.count)
        if text.count <= 2 * sample || isWhole && text.count <= 1 << 16 {
            hasher.combine(bytes: UnsafeRawBufferPointer(text))
        } else {
            hasher.combine(bytes: UnsafeRawBufferPointer(text.part(0..<sample)))
            hasher.combine(bytes: UnsafeRawBufferPointer(text.part(text.count - sample..<text.count)))
        }
    }
}

/// Numbers by key, more than one for a key if need be: a table that grows in steps which see a stop in time.
struct HashIndex {
    private var keys: [UInt64] = []
    private var numbers: [Int32] = []
    /// Places in `keys` plus one, 0 for free; twice as many at least as there are keys.
    private var slots: [Int32] = []

    /// Whether a number of this key satisfies the condition.
    @inline(__always)
    func contains(
        _ key: UInt64, _ call: BuiltinCall, where isFound: (Int) throws(Raised) -> Bool
    ) throws(Raised) -> Bool {
        try call.charge(8)
        guard !slots.isEmpty else { return false }
        var slot = first(key)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if keys[place] == key {
                try call.charge(4)
                if try isFound(Int(numbers[place])) { return true }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return false
    }

    mutating func add(_ key: UInt64, number: Int, _ call: BuiltinCall) throws(Raised) {
        if 2 * (keys.count + 1) > slots.count { try grow(call) }
        keys.append(key)
        numbers.append(Int32(truncatingIfNeeded: number))
        insert(keys.count - 1)
        try call.charge(16)
    }

    private mutating func grow(_ call: BuiltinCall) throws(Raised) {
        try call.reserve(keys.count * 40)
        slots = [Int32](repeating: 0, count: max(16, 2 * slots.count))
        let count = keys.count
        try call.inParts(of: count, costing: { 16 * $0 }) { part throws(Raised) in
            for place in part { insert(place) }
        }
    }

    private mutating func insert(_ place: Int) {
        var slot = first(keys[place])
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: place + 1)
    }

    /// Keys may be neighbouring numbers: this spreads them.
    private func first(_ key: UInt64) -> Int {
        let mixed = (key ^ key >> 32) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32) & (slots.count - 1)
    }
}
