import Glibc

/// Arrays: none of these changes its argument.
extension Library {
    static let arrays: [Builtin] = elements + membership + slices + totals

    private static let elements = [
        Builtin("ArrayLength") {
            native($0, $1, $2) { call throws(Raised) in Value(number: Double(try call.array(0).count)) }
        },
        Builtin("ArrayIsEmpty") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.array(0).isEmpty) }
        },
        Builtin("ArrayGet") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, index) = (try call.array(0), try call.natural(1))
                return index < array.count ? array[index] : .null
            }
        },
        Builtin("ArrayFirst") {
            native($0, $1, $2) { call throws(Raised) in try call.array(0).first ?? .null }
        },
        Builtin("ArrayLast") {
            native($0, $1, $2) { call throws(Raised) in try call.array(0).last ?? .null }
        },
    ]

    private static let membership = [
        Builtin("ArrayIndexOf") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.indexOfElement() ?? -1))
            }
        },
        Builtin("ArrayContains") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.indexOfElement() != nil) }
        },
        Builtin("ArrayCount") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, wanted) = (try call.array(0), try call.value(1))
                var count = 0
                try call.inParts(of: array.count, costing: { 4 * $0 }) { part throws(Raised) in
                    for index in part where call.isDeeplyEqual(array[index], wanted) { count += 1 }
                }
                return Value(number: Double(count))
            }
        },
        Builtin("ArrayDistinct") {
            native($0, $1, $2) { call throws(Raised) in try call.distinctElements() }
        },
    ]

    private static let slices = [
        Builtin("ArrayReverse") {
            native($0, $1, $2) { call throws(Raised) in try call.reversedElements() }
        },
        Builtin("ArrayTake") {
            native($0, $1, $2) { call throws(Raised) in
                try call.slice(from: 0, to: call.natural(1))
            }
        },
        Builtin("ArraySkip") {
            native($0, $1, $2) { call throws(Raised) in
                try call.slice(from: call.natural(1), to: .max)
            }
        },
        Builtin("ArraySlice") {
            native($0, $1, $2) { call throws(Raised) in
                try call.slice(from: call.natural(1), to: call.natural(2))
            }
        },
        Builtin("ArrayJoin") {
            native($0, $1, $2) { call throws(Raised) in
                let (array, separator) = (try call.array(0), try call.text(1))
                return try call.text { result throws(Raised) in
                    try call.inParts(of: array.count, costing: { 16 * $0 }) { part throws(Raised) in
                        for index in part {
                            if index > 0 { try result.append(separator) }
                            try result.append(printed: array[index])
                        }
                    }
                }
            }
        },
    ]

    private static let totals = [
        Builtin("ArraySum") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.sum(of: try call.numbers(0))) }
        },
        Builtin("ArrayAverage") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.mean(of: try call.numbers(0)))
            }
        },
        Builtin("ArrayMin") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.minimum(of: try call.numbers(0)))
            }
        },
        Builtin("ArrayMax") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.maximum(of: try call.numbers(0)))
            }
        },
        Builtin("ArraySort") {
            native($0, $1, $2) { call throws(Raised) in
                try call.array(try call.sortedNumbers(0))
            }
        },
    ]
}

extension BuiltinCall {
    func indexOfElement() throws(Raised) -> Int? {
        let (array, wanted) = (try array(0), try value(1))
        var start = 0
        while start < array.count {
            let part = start..<min(start + 4096, array.count)
            try charge(4 * part.count)
            if let found = part.first(where: { isDeeplyEqual(array[$0], wanted) }) { return found }
            start = part.upperBound
        }
        return nil
    }

    func distinctElements() throws(Raised) -> Value {
        let array = try array(0)
        var distinct = DistinctValues(self)
        for element in array { try distinct.insert(element) }
        return try self.array(distinct.values)
    }

    func reversedElements() throws(Raised) -> Value {
        let array = try array(0)
        let (result, elements) = try newArray(count: array.count)
        try inParts(of: array.count) { part throws(Raised) in
            for index in part { elements[index] = array[array.count - 1 - index] }
        }
        return result
    }

    /// An argument's elements as numbers, ascending, NaN last.
    func sortedNumbers(_ position: Int) throws(Raised) -> [Double] {
        var numbers = try numbers(position)
        try sort(&numbers)
        return numbers
    }

    /// The part of the first argument between two positions that are moved into it.
    fileprivate func slice(
        from start: @autoclosure () throws(Raised) -> Int, to end: @autoclosure () throws(Raised) -> Int
    ) throws(Raised) -> Value {
        let array = try array(0)
        let (from, to) = (try start(), min(try end(), array.count))
        guard from < to else { return try self.array([Value]()) }
        try charge(to - from)
        return try self.array(UnsafeBufferPointer(rebasing: array[from..<to]))
    }
}

extension BuiltinCall {
    /// Combines numbers from the first to the last.
    @inline(__always)
    func fold(
        _ numbers: [Double], from start: Double, _ combine: (Double, Double) -> Double
    ) throws(Raised) -> Double {
        var result = start
        try inParts(of: numbers.count) { part throws(Raised) in
            for index in part { result = combine(result, numbers[index]) }
        }
        return result
    }

    /// 0 for no numbers at all.
    func sum(of numbers: [Double]) throws(Raised) -> Double {
        numbers.isEmpty ? 0 : try fold(numbers, from: -0.0, +)
    }

    /// The least number, NaN ignored; infinity for none.
    func minimum(of numbers: [Double]) throws(Raised) -> Double { try fold(numbers, from: .infinity, fmin) }

    /// The greatest number, NaN ignored; negative infinity for none.
    func maximum(of numbers: [Double]) throws(Raised) -> Double { try fold(numbers, from: -.infinity, fmax) }

    /// The arithmetic mean; 0 for no numbers at all.
    func mean(of numbers: [Double]) throws(Raised) -> Double {
        numbers.isEmpty ? 0 : try sum(of: numbers) / Double(numbers.count)
    }
}
