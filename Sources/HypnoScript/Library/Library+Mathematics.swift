import Glibc

/// Numbers: the math library of C, rounding, and the arithmetic of integers.
extension Library {
    static let mathematics: [Builtin] = elementary + rounding + integers

    private static let elementary = [
        Builtin("Sin") {
            native($0, $1, $2) { call throws(Raised) in Value(number: sin(try call.number(0))) }
        },
        Builtin("Cos") {
            native($0, $1, $2) { call throws(Raised) in Value(number: cos(try call.number(0))) }
        },
        Builtin("Tan") {
            native($0, $1, $2) { call throws(Raised) in Value(number: tan(try call.number(0))) }
        },
        Builtin("Log") {
            native($0, $1, $2) { call throws(Raised) in Value(number: log(try call.number(0))) }
        },
        Builtin("Log10") {
            native($0, $1, $2) { call throws(Raised) in Value(number: log10(try call.number(0))) }
        },
        Builtin("Sqrt") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.number(0).squareRoot()) }
        },
        Builtin("Pow") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: pow(try call.number(0), try call.number(1)))
            }
        },
    ]

    private static let rounding = [
        Builtin("Abs") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.number(0).magnitude) }
        },
        Builtin("Floor") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.number(0).rounded(.down)) }
        },
        Builtin("Ceil") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.number(0).rounded(.up)) }
        },
        Builtin("Round") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: try call.number(0).rounded(.toNearestOrAwayFromZero))
            }
        },
        Builtin("Min") {
            native($0, $1, $2) { call throws(Raised) in
                if let array = try call.overload(count: 1) {
                    return Value(number: try call.minimum(of: array))
                }
                return Value(number: fmin(try call.number(0), try call.number(1)))
            }
        },
        Builtin("Max") {
            native($0, $1, $2) { call throws(Raised) in
                if let array = try call.overload(count: 1) {
                    return Value(number: try call.maximum(of: array))
                }
                return Value(number: fmax(try call.number(0), try call.number(1)))
            }
        },
        Builtin("Clamp") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.number(0)
                let low = try call.number(1)
                let high = try call.number(2)
                return Value(number: value < low ? low : value > high ? high : value)
            }
        },
    ]

    private static let integers = [
        Builtin("Factorial") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Arithmetic.factorial(try call.integer(0)))
            }
        },
        Builtin("Fibonacci") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Arithmetic.fibonacci(try call.integer(0)))
            }
        },
        Builtin("Gcd") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.integer(0).magnitude, try call.integer(1).magnitude)
                return Value(number: Double(Arithmetic.greatestCommonDivisor(left, right)))
            }
        },
        Builtin("Lcm") {
            native($0, $1, $2) { call throws(Raised) in
                let (left, right) = (try call.integer(0).magnitude, try call.integer(1).magnitude)
                return Value(number: Arithmetic.leastCommonMultiple(left, right))
            }
        },
        Builtin("IsPrime") {
            native($0, $1, $2) { call throws(Raised) in
                let number = try call.integer(0)
                return Value(number > 1 && Arithmetic.isPrime(number.magnitude))
            }
        },
    ]
}

/// Arithmetic of whole numbers, exact as far as 64 bits reach and in doubles beyond.
enum Arithmetic {
    /// n!, with 1 for everything below 2.
    static func factorial(_ number: Int) -> Double {
        guard number > 1 else { return 1 }
        // 171! is the first beyond the doubles, so larger numbers need no further factors.
        var product = 1.0
        var exact: UInt64 = 1
        for factor in 2...min(number, 171) {
            exact = exact &* UInt64(factor)
            product = factor <= 20 ? Double(exact) : product * Double(factor)
        }
        return product
    }

    /// The n-th Fibonacci number; n itself up to 1.
    static func fibonacci(_ number: Int) -> Double {
        guard number > 1 else { return Double(number) }
        if number <= 92 {
            var (previous, current): (Int, Int) = (0, 1)
            for _ in 2...number { (previous, current) = (current, previous + current) }
            return Double(current)
        }
        // The 1477th is the first beyond the doubles.
        var (previous, current) = (0.0, 1.0)
        for _ in 2...min(number, 1477) { (previous, current) = (current, previous + current) }
        return current
    }

    static func greatestCommonDivisor(_ left: UInt, _ right: UInt) -> UInt {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    /// 0 if either is 0.
    static func leastCommonMultiple(_ left: UInt, _ right: UInt) -> Double {
        guard left != 0, right != 0 else { return 0 }
        let factor = left / greatestCommonDivisor(left, right)
        let (product, overflows) = factor.multipliedReportingOverflow(by: right)
        return overflows ? Double(factor) * Double(right) : Double(product)
    }

    /// The test of Miller and Rabin, which for 64 bits needs only these twelve bases to be certain.
    static func isPrime(_ number: UInt) -> Bool {
        for prime in witnesses where number % prime == 0 { return number == prime }
        guard number > 1 else { return false }
        let twos = (number - 1).trailingZeroBitCount
        let odd = (number - 1) >> UInt(twos)
        return witnesses.allSatisfy { passes(number, base: $0, odd: odd, twos: twos) }
    }

    private static let witnesses: [UInt] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]

    private static func passes(_ number: UInt, base: UInt, odd: UInt, twos: Int) -> Bool {
        var power = raise(base, to: odd, modulo: number)
        if power == 1 || power == number - 1 { return true }
        for _ in 1..<max(twos, 1) {
            power = multiply(power, power, modulo: number)
            if power == number - 1 { return true }
        }
        return false
    }

    private static func raise(_ base: UInt, to exponent: UInt, modulo modulus: UInt) -> UInt {
        var (result, square, rest): (UInt, UInt, UInt) = (1, base % modulus, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = multiply(result, square, modulo: modulus) }
            square = multiply(square, square, modulo: modulus)
            rest >>= 1
        }
        return result
    }

    private static func multiply(_ left: UInt, _ right: UInt, modulo modulus: UInt) -> UInt {
        modulus.dividingFullWidth(left.multipliedFullWidth(by: right)).remainder
    }
}
