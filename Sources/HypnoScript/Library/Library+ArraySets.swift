/// More on arrays: sets over them, and other arrangements of their elements.
extension Library {
    static let arraySets: [Builtin] = sets + arrangements + pairs

    private static let sets =
        named("ArrayLastIndexOf") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, wanted) = (try call.array(0), try call.value(1))
                var index = array.count - 1
                while index >= 0, !call.isDeeplyEqual(array[index], wanted) {
                    try call.charge(4)
                    index -= 1
                }
                return Value(number: Double(index))
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
                let array = try call.array(0)
                var count = 0
                try call.inParts(of: array.count) { part throws(Raised) in
                    for index in part { count += array[index].has(.array) ? array[index].elements.count : 1 }
                }
                let (result, elements) = try call.newArray(count: count)
                var end = elements
                for element in array {
                    try call.charge(8)
                    guard element.has(.array) else {
                        end.pointee = element
                        end += 1
                        continue
                    }
                    try call.copy(element.elements, to: end)
                    end += element.elements.count
                }
                return result
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
                let (result, elements) = try call.newArray(count: count)
                try call.inParts(of: count, costing: { 32 * $0 }) { part throws(Raised) in
                    for index in part {
                        let (pair, sides) = try call.newArray(count: 2)
                        (sides[0], sides[1]) = (left[index], right[index])
                        elements[index] = pair
                    }
                }
                return result
            }
        }
        + named("Unzip") {
            native($0, $1, $2) { call throws(Raised) in
                let pairs = try call.array(0)
                let (left, first) = try call.newArray(count: pairs.count)
                let (right, second) = try call.newArray(count: pairs.count)
                try call.inParts(of: pairs.count, costing: { 4 * $0 }) { part throws(Raised) in
                    for index in part {
                        guard pairs[index].has(.array) else {
                            throw call.raise(.type, "Builtin 'Unzip' expected pairs at position 1")
                        }
                        let pair = pairs[index].elements
                        first[index] = pair.count > 0 ? pair[0] : .null
                        second[index] = pair.count > 1 ? pair[1] : .null
                    }
                }
                return try call.array([left, right])
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
        for index in 0..<count {
            let start = index * step
            let end = start + min(size, array.count - start)
            try charge(32 + (end - start) / 8)
            elements[index] = try self.array(UnsafeBufferPointer(rebasing: array[start..<end]))
        }
        return result
    }

    /// An array of equal elements.
    func array(repeating value: Value, count: Int) throws(Raised) -> Value {
        let (result, elements) = try newArray(count: count)
        try inParts(of: count) { part throws(Raised) in
            (elements + part.lowerBound).update(repeating: value, count: part.count)
        }
        return result
    }
}
