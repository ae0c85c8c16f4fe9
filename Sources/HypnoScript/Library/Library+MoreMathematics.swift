import Glibc

/// More of the math library of C, and whole numbers taken apart.
extension Library {
    static let moreMathematics: [Builtin] = inverses + exponentials + measures + factors

    private static let inverses = [
        Builtin("Asin") {
            native($0, $1, $2) { call throws(Raised) in Value(number: asin(try call.number(0))) }
        },
        Builtin("Acos") {
            native($0, $1, $2) { call throws(Raised) in Value(number: acos(try call.number(0))) }
        },
        Builtin("Atan") {
            native($0, $1, $2) { call throws(Raised) in Value(number: atan(try call.number(0))) }
        },
        Builtin("Sinh") {
            native($0, $1, $2) { call throws(Raised) in Value(number: sinh(try call.number(0))) }
        },
        Builtin("Cosh") {
            native($0, $1, $2) { call throws(Raised) in Value(number: cosh(try call.number(0))) }
        },
        Builtin("Tanh") {
            native($0, $1, $2) { call throws(Raised) in Value(number: tanh(try call.number(0))) }
        },
        Builtin("Asinh") {
            native($0, $1, $2) { call throws(Raised) in Value(number: asinh(try call.number(0))) }
        },
        Builtin("Acosh") {
            native($0, $1, $2) { call throws(Raised) in Value(number: acosh(try call.number(0))) }
        },
        Builtin("Atanh") {
            native($0, $1, $2) { call throws(Raised) in Value(number: atanh(try call.number(0))) }
        },
        Builtin("Atan2") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: atan2(try call.number(0), try call.number(1)))
            }
        },
    ]

    private static let exponentials = [
        Builtin("Cbrt") {
            native($0, $1, $2) { call throws(Raised) in
                let number = try call.number(0)
                let root = cbrt(number)
                // The library's result may be one unit off where the root is whole.
                let whole = root.rounded()
                return Value(number: whole * whole * whole == number ? whole : root)
            }
        },
        Builtin("Log2") {
            native($0, $1, $2) { call throws(Raised) in Value(number: log2(try call.number(0))) }
        },
        Builtin("LogBase") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: log(try call.number(0)) / log(try call.number(1)))
            }
        },
        Builtin("Exp") {
            native($0, $1, $2) { call throws(Raised) in Value(number: exp(try call.number(0))) }
        },
        Builtin("Exp2") {
            native($0, $1, $2) { call throws(Raised) in Value(number: pow(2, try call.number(0))) }
        },
        Builtin("Exp10") {
            native($0, $1, $2) { call throws(Raised) in Value(number: pow(10, try call.number(0))) }
        },
    ]

    private static let measures: [Builtin] =
        [
            Builtin("Hypot") {
                native($0, $1, $2) { call throws(Raised) in
                    Value(number: hypot(try call.number(0), try call.number(1)))
                }
            },
            Builtin("Sign") {
                native($0, $1, $2) { call throws(Raised) in
                    let number = try call.number(0)
                    return Value(number: number > 0 ? 1 : number < 0 ? -1 : number == 0 ? 0 : number)
                }
            },
            Builtin("Mod") {
                native($0, $1, $2) { call throws(Raised) in
                    Value(number: fmod(try call.number(0), try call.number(1)))
                }
            },
            Builtin("Div") {
                native($0, $1, $2) { call throws(Raised) in
                    let (dividend, divisor) = (try call.number(0), try call.number(1))
                    return Value(number: divisor == 0 ? .nan : (dividend / divisor).rounded(.towardZero))
                }
            },
            Builtin("RoundTo") {
                native($0, $1, $2) { call throws(Raised) in
                    let (number, digits) = (try call.number(0), try call.integer(1))
                    let scale = pow(10, Double(digits))
                    if scale == 0 { return Value(number: number.isFinite ? 0 : number) }
                    let scaled = number * scale
                    // So large a product means that there is nothing behind the point to round.
                    guard scaled.isFinite else { return Value(number: number) }
                    return Value(number: scaled.rounded(.toNearestOrAwayFromZero) / scale)
                }
            },
        ]
        + named("ToRadians", "DegreesToRadians") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.number(0) * .pi / 180) }
        }
        + named("ToDegrees", "RadiansToDegrees") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.number(0) * 180 / .pi) }
        }

    private static let factors = [
        Builtin("NextPrime") {
            native($0, $1, $2) { call throws(Raised) in
                var number = max(1, try call.integer(0))
                // The greatest prime of 63 bits; behind it there is none to give.
                guard number < 9_223_372_036_854_775_783 else {
                    throw call.raise(.runtime, "Number too large for NextPrime")
                }
                repeat {
                    try call.charge(16)
                    number += 1
                } while !Arithmetic.isPrime(number.magnitude)
                return Value(number: Double(number))
            }
        },
        Builtin("PrimeFactors") {
            native($0, $1, $2) { call throws(Raised) in
                var rest = try call.integer(0)
                var factors: [Double] = []
                var divisor = 2
                while rest > 1, divisor <= rest / divisor {
                    if divisor & 0x3FF == 0 || divisor & 0x3FF == 1 { try call.charge(1024) }
                    while rest % divisor == 0 {
                        factors.append(Double(divisor))
                        rest /= divisor
                    }
                    divisor += divisor == 2 ? 1 : 2
                }
                if rest > 1 { factors.append(Double(rest)) }
                return try call.array(factors)
            }
        },
    ]
}
