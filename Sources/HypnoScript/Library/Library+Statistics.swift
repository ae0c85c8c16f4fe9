/// Statistics over arrays of numbers.
extension Library {
    static let statistics: [Builtin] = averages + spread + relations

    private static let averages = [
        Builtin("Mean") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.workingNumbers(0).mean) }
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
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.mode(of: try call.workingNumbers(0)))
            }
        },
    ]

    private static let spread = [
        Builtin("Range") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloaded, call.count > 1, !call.arguments[0].has(.array) {
                    return try call.sequence()
                }
                let numbers = try call.workingNumbers(0)
                guard !numbers.isEmpty else { return .zero }
                return Value(number: numbers.maximum - numbers.minimum)
            }
        },
        Builtin("Variance") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.workingNumbers(0).variance) }
        },
        Builtin("StandardDeviation") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.workingNumbers(0).variance.squareRoot())
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
                guard let sums = PairedSums(try call.workingNumbers(0), try call.workingNumbers(1)),
                    sums.xx != 0, sums.yy != 0
                else { return .zero }
                return Value(number: sums.xy / (sums.xx * sums.yy).squareRoot())
            }
        },
        Builtin("LinearRegression") {
            native($0, $1, $2) { call throws(Raised) in
                guard let sums = PairedSums(try call.workingNumbers(0), try call.workingNumbers(1)) else {
                    return try call.array([0.0, 0.0])
                }
                guard sums.xx != 0 else { return try call.array([0, sums.meanY]) }
                let slope = sums.xy / sums.xx
                return try call.array([slope, sums.meanY - slope * sums.meanX])
            }
        },
    ]
}

extension [Double] {

    /// The sample variance; 0 for fewer than two numbers.
    fileprivate var variance: Double {
        guard count > 1 else { return 0 }
        let mean = mean
        return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }
}

/// Sums over pairs of numbers, as deviations from their means.
private struct PairedSums {
    let meanX: Double
    let meanY: Double
    private(set) var xx = 0.0
    private(set) var yy = 0.0
    private(set) var xy = 0.0

    /// Fails unless there are as many numbers in one list as in the other, and any.
    init?(_ left: [Double], _ right: [Double]) {
        guard left.count == right.count, !left.isEmpty else { return nil }
        meanX = left.mean
        meanY = right.mean
        for (x, y) in zip(left, right) {
            xx += (x - meanX) * (x - meanX)
            yy += (y - meanY) * (y - meanY)
            xy += (x - meanX) * (y - meanY)
        }
    }
}

extension BuiltinCall {
    /// The most frequent value, bit for bit; among equally frequent ones the one that occurs first.
    fileprivate func mode(of numbers: [Double]) throws(Raised) -> Double {
        var counts: [UInt64: Int] = [:]
        for (index, number) in numbers.enumerated() {
            if index & 0x3FF == 0 { try charge(1024) }
            counts[number.bitPattern, default: 0] += 1
        }
        var best = (number: 0.0, count: 0)
        for (index, number) in numbers.enumerated() {
            if index & 0x3FF == 0 { try charge(1024) }
            let count = counts[number.bitPattern, default: 0]
            if count > best.count { best = (number, count) }
        }
        return best.number
    }
}
