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
                let (array, wanted) = (try call.workingArray(), try call.value(1))
                return Value(number: array.reduce(0) { call.isDeeplyEqual($1, wanted) ? $0 + 1 : $0 })
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
                let (array, separator) = (try call.workingArray(), try call.text(1))
                var bytes: [UInt8] = []
                for (index, element) in array.enumerated() {
                    if index > 0 { bytes.append(contentsOf: separator) }
                    try call.print(element, to: &bytes)
                    try call.reserve(bytes.count * 2)
                }
                try call.charge(bytes.count / 16)
                return try call.string(bytes)
            }
        },
    ]

    private static let totals = [
        Builtin("ArraySum") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.workingNumbers(0).sum) }
        },
        Builtin("ArrayAverage") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.workingNumbers(0).mean) }
        },
        Builtin("ArrayMin") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.workingNumbers(0).minimum)
            }
        },
        Builtin("ArrayMax") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.workingNumbers(0).maximum)
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
        let (array, wanted) = (try workingArray(), try value(1))
        return array.firstIndex { isDeeplyEqual($0, wanted) }
    }

    func distinctElements() throws(Raised) -> Value {
        let array = try workingArray()
        var distinct = DistinctValues(self)
        for element in array { try distinct.insert(element) }
        return try self.array(distinct.values)
    }

    func reversedElements() throws(Raised) -> Value {
        let array = try workingArray()
        let (result, elements) = try newArray(count: array.count)
        for index in 0..<array.count { elements[index] = array[array.count - 1 - index] }
        return result
    }

    /// The first argument's elements, the work of one pass over them accounted for.
    fileprivate func workingArray() throws(Raised) -> UnsafeBufferPointer<Value> {
        let array = try array(0)
        try charge(array.count)
        return array
    }

    /// An argument's elements as numbers, the work of one pass over them accounted for.
    func workingNumbers(_ position: Int) throws(Raised) -> [Double] {
        let numbers = try numbers(position)
        try charge(numbers.count)
        return numbers
    }

    /// An argument's elements as numbers, ascending, NaN last.
    func sortedNumbers(_ position: Int) throws(Raised) -> [Double] {
        var numbers = try numbers(position)
        // About as many steps as comparisons: n · log₂ n.
        try charge(numbers.count * (Int.bitWidth - numbers.count.leadingZeroBitCount))
        numbers.sort { $1.isNaN ? !$0.isNaN : $0 < $1 }
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

extension [Double] {
    /// 0 for no numbers at all.
    var sum: Double {
        isEmpty ? 0 : reduce(-0.0, +)
    }

    /// The least number, NaN ignored; infinity for none.
    var minimum: Double {
        reduce(.infinity, fmin)
    }

    /// The greatest number, NaN ignored; negative infinity for none.
    var maximum: Double {
        reduce(-.infinity, fmax)
    }

    /// The arithmetic mean; 0 for no numbers at all.
    var mean: Double {
        isEmpty ? 0 : sum / Double(count)
    }
}

/// The first of each group of deeply equal values, in order.
///
/// Values that cannot be equal are kept apart by a key, so that arrays of many different numbers or strings
/// take linear time; only values with the same key are compared.
struct DistinctValues {
    private let call: BuiltinCall
    private(set) var values: [Value] = []
    private var indicesByKey: [Int: [Int]] = [:]

    init(_ call: BuiltinCall) {
        self.call = call
    }

    mutating func insert(_ value: Value) throws(Raised) {
        if try contains(value) { return }
        let key = Self.key(of: value)
        try call.reserve((values.count + 1) * 64)
        indicesByKey[key, default: []].append(values.count)
        values.append(value)
    }

    func contains(_ value: Value) throws(Raised) -> Bool {
        let candidates = indicesByKey[Self.key(of: value), default: []]
        try call.charge(candidates.count + 1)
        return candidates.contains { call.isDeeplyEqual(values[$0], value) }
    }

    /// The same for equal values. Numbers are equal within 2.2e-16, so only those from 2 on, where neighbours
    /// are farther apart, can be told by their bits.
    private static func key(of value: Value) -> Int {
        if value.isNumber {
            return value.number.magnitude >= 2 ? value.number.hashValue : 0
        }
        guard value.has(.string) else { return 1 }
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(value.utf8))
        return hasher.finalize()
    }
}
