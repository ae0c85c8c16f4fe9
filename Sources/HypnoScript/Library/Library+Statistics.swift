/// Statistics over arrays of numbers.
extension Library {
    static let statistics: [Builtin] = averages + spread + relations

    private static let averages = [
        Builtin("Mean") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.mean(of: try call.numbers(0)))
            }
        },
        Builtin("Median") {
            native($0, $1, $2) { call throws(Raised) in
                let sorted = try call.sortedNumbers(0)
                guard !sorted.isEmpty else { return .zero }
                let middle = sorted.count / 2
                let isOdd = sorted.count % 2 == 1
                return Value(number: isOdd ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2)
            }
        },
        Builtin("Mode") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.mode(of: try call.numbers(0)))
            }
        },
    ]

    private static let spread = [
        Builtin("Range") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloaded, call.count > 1, !call.arguments[0].has(.array) {
                    return try call.sequence()
                }
                let numbers = try call.numbers(0)
                guard !numbers.isEmpty else { return .zero }
                return Value(number: try call.maximum(of: numbers) - call.minimum(of: numbers))
            }
        },
        Builtin("Variance") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.variance(of: try call.numbers(0)))
            }
        },
        Builtin("StandardDeviation") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.variance(of: try call.numbers(0)).squareRoot())
            }
        },
        Builtin("Percentile") {
            native($0, $1, $2) { call throws(Raised) in
                let sorted = try call.sortedNumbers(0)
                let percent = try call.number(1)
                guard !sorted.isEmpty, (0...100).contains(percent) else { return .zero }
                let rank = percent / 100 * Double(sorted.count - 1)
                return Value(number: sorted[Int(rank.rounded(.toNearestOrAwayFromZero))])
            }
        },
    ]

    private static let relations = [
        Builtin("Correlation") {
            native($0, $1, $2) { call throws(Raised) in
                guard let sums = try PairedSums(try call.numbers(0), try call.numbers(1), call),
                    sums.xx != 0, sums.yy != 0
                else { return .zero }
                return Value(number: sums.xy / (sums.xx * sums.yy).squareRoot())
            }
        },
        Builtin("LinearRegression") {
            native($0, $1, $2) { call throws(Raised) in
                guard let sums = try PairedSums(try call.numbers(0), try call.numbers(1), call) else {
                    return try call.array([0.0, 0.0])
                }
                guard sums.xx != 0 else { return try call.array([0, sums.meanY]) }
                let slope = sums.xy / sums.xx
                return try call.array([slope, sums.meanY - slope * sums.meanX])
            }
        },
    ]
}

extension BuiltinCall {
    /// The most frequent value, bit for bit; among equally frequent ones the one that occurs first.
    fileprivate func mode(of numbers: [Double]) throws(Raised) -> Double {
        var index = HashIndex()
        var (values, counts): ([Double], [Int]) = ([], [])
        for number in numbers {
            let isKnown = try index.contains(number.bitPattern, self) {
                counts[$0] += 1; return true
            }
            guard !isKnown else { continue }
            if values.count == values.capacity { try reserve(values.count * 64) }
            try index.add(number.bitPattern, number: values.count, self)
            values.append(number)
            counts.append(1)
        }
        guard let most = counts.max(), let first = counts.firstIndex(of: most) else { return 0 }
        return values[first]
    }

    /// The sample variance; 0 for fewer than two numbers.
    fileprivate func variance(of numbers: [Double]) throws(Raised) -> Double {
        guard numbers.count > 1 else { return 0 }
        let mean = try mean(of: numbers)
        return try fold(numbers, from: 0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1)
    }
}

/// Sums over pairs of numbers, as deviations from their means.
private struct PairedSums {
    let meanX: Double
    let meanY: Double
    let xx: Double
    let yy: Double
    let xy: Double

    /// Fails unless there are as many numbers in one list as in the other, and any.
    init?(_ left: [Double], _ right: [Double], _ call: BuiltinCall) throws(Raised) {
        guard left.count == right.count, !left.isEmpty else { return nil }
        let (meanX, meanY) = (try call.mean(of: left), try call.mean(of: right))
        var sums = (xx: 0.0, yy: 0.0, xy: 0.0)
        try call.inParts(of: left.count, costing: { 2 * $0 }) { part throws(Raised) in
            for index in part {
                let (x, y) = (left[index] - meanX, right[index] - meanY)
                sums.xx += x * x
                sums.yy += y * y
                sums.xy += x * y
            }
        }
        (self.meanX, self.meanY) = (meanX, meanY)
        (xx, yy, xy) = sums
    }
}
