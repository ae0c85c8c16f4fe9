/// More on arrays: sets over them, and other arrangements of their elements.
extension Library {
    static let arraySets: [Builtin] = sets + arrangements + pairs

    private static let sets =
        named("ArrayLastIndexOf") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, wanted) = (try call.array(0), try call.value(1))
                try call.charge(array.count)
                return Value(number: Double(array.lastIndex { call.isDeeplyEqual($0, wanted) } ?? -1))
            }
        }
        + named("ArrayUnion", "Union") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.array(0), try call.array(1))
                var values = DistinctValues(call)
                for element in left { try values.insert(element) }
                for element in right { try values.insert(element) }
                return try call.array(values.values)
            }
        }
        + named("ArrayIntersection", "Intersection") {
            native($0, $1, $2) { call throws(Raised) in try call.distinct(in: true) }
        }
        + named("ArrayDifference", "Difference") {
            native($0, $1, $2) { call throws(Raised) in try call.distinct(in: false) }
        }

    private static let arrangements =
        named("ChunkArray", "Chunk") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, size) = (try call.array(0), try call.natural(1))
                guard size > 0 else { return try call.array([Value]()) }
                return try call.parts(of: array, size: size, step: size, count: (array.count - 1) / size + 1)
            }
        }
        + named("Windows") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, size) = (try call.array(0), try call.natural(1))
                guard size > 0, size <= array.count else { return try call.array([Value]()) }
                return try call.parts(of: array, size: size, step: 1, count: array.count - size + 1)
            }
        }
        + named("FlattenArray", "Flatten") {
            native($0, $1, $2) { call throws(Raised) in
                var result: [Value] = []
                for element in try call.array(0) {
                    let more = element.has(.array) ? element.elements.count : 1
                    try call.charge(more)
                    try call.reserve((result.count + more) * 16)
                    if element.has(.array) { result += element.elements } else { result.append(element) }
                }
                return try call.array(result)
            }
        }
        + named("CreateArray") {
            native($0, $1, $2) { call throws(Raised) in
                try call.array(repeating: call.optional(1) ?? .null, count: try call.natural(0))
            }
        }
        + named("SubArray") {
            native($0, $1, $2) { call throws(Raised) in
                let array = try call.array(0)
                let start = min(try call.natural(1), array.count)
                let count = min(try call.natural(2), array.count - start)
                try call.charge(count)
                return try call.array(UnsafeBufferPointer(rebasing: array[start..<(start + count)]))
            }
        }

    private static let pairs =
        named("Zip") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.array(0), try call.array(1))
                let count = min(left.count, right.count)
                try call.charge(count)
                var pairs: [Value] = []
                for index in 0..<count { pairs.append(try call.array([left[index], right[index]])) }
                return try call.array(pairs)
            }
        }
        + named("Unzip") {
            native($0, $1, $2) { call throws(Raised) in
                let pairs = try call.array(0)
                try call.charge(pairs.count)
                guard pairs.allSatisfy({ $0.has(.array) }) else {
                    throw call.raise(.type, "Builtin 'Unzip' expected pairs at position 1")
                }
                let sides = try [0, 1].map { side throws(Raised) in
                    try call.array(
                        pairs.map { side < $0.elements.count ? $0.elements[side] : .null })
                }
                return try call.array(sides)
            }
        }
}

extension BuiltinCall {
    /// The distinct elements of the first argument that are, or are not, in the second.
    fileprivate func distinct(in wanted: Bool) throws(Raised) -> Value {
        let (left, right) = (try array(0), try array(1))
        var (others, values) = (DistinctValues(self), DistinctValues(self))
        for element in right { try others.insert(element) }
        for element in left where try others.contains(element) == wanted { try values.insert(element) }
        return try array(values.values)
    }

    /// `count` parts of an array, one beginning `step` elements behind the other.
    fileprivate func parts(
        of array: UnsafeBufferPointer<Value>, size: Int, step: Int, count: Int
    ) throws(Raised) -> Value {
        guard !array.isEmpty else { return try self.array([Value]()) }
        let (result, elements) = try newArray(count: count)
        for index in 0..<count { elements[index] = .null }
        for index in 0..<count {
            let start = index * step
            let end = start + min(size, array.count - start)
            try charge(end - start)
            elements[index] = try self.array(UnsafeBufferPointer(rebasing: array[start..<end]))
        }
        return result
    }

    /// An array of equal elements.
    func array(repeating value: Value, count: Int) throws(Raised) -> Value {
        let (result, elements) = try newArray(count: count)
        elements.update(repeating: value, count: count)
        try charge(count / 16)
        return result
    }
}
