/// Random choices. All randomness is the host's, which may give it a seed.
extension Library {
    static let random: [Builtin] = numbers + choices + identifiers

    private static let numbers = [
        Builtin("Random") {
            native($0, $1, $2) { call throws(Raised) in Value(number: try call.randomFraction()) }
        },
        Builtin("RandomInt") {
            native($0, $1, $2) { call throws(Raised) in
                let (low, high) = (try call.integer(0), try call.integer(1))
                guard low <= high else { throw call.raise(.runtime, "RandomInt expects min <= max") }
                let span = UInt64(bitPattern: Int64(high &- low))
                let offset = span == .max ? try call.random() : try call.random(below: span + 1)
                return Value(number: Double(low &+ Int(truncatingIfNeeded: offset)))
            }
        },
        Builtin("RandomRange") {
            native($0, $1, $2) { call throws(Raised) in
                let (low, high) = (try call.number(0), try call.number(1))
                return Value(number: low + (try call.randomFraction()) * (high - low))
            }
        },
    ]

    private static let choices: [Builtin] =
        named("Shuffle", "ShuffleArray") {
            native($0, $1, $2) { call throws(Raised) in
                let array = try call.array(0)
                return try call.sample(array, count: array.count)
            }
        }
        + named("Sample", "RandomSample") {
            native($0, $1, $2) { call throws(Raised) in
                try call.sample(try call.array(0), count: try call.natural(1))
            }
        }
        + named("RandomChoice") {
            native($0, $1, $2) { call throws(Raised) in
                let array = try call.array(0)
                if array.isEmpty { return .null }
                return array[Int(try call.random(below: UInt64(array.count)))]
            }
        }

    private static let identifiers: [Builtin] =
        named("GenerateRandomString") {
            native($0, $1, $2) { call throws(Raised) in
                let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
                let count = try call.natural(0)
                try call.reserve(count)
                return try call.text { result throws(Raised) in
                    try call.inParts(of: count, costing: { 16 * $0 }) { part throws(Raised) in
                        for _ in part {
                            try result.append(letters[Int(try call.random(below: UInt64(letters.count)))])
                        }
                    }
                }
            }
        }
        + named("GenerateSalt", "GenerateRandomKey") {
            native($0, $1, $2) { call throws(Raised) in
                let count = min(try call.natural(0), 1 << 40)
                try call.reserve(2 * count)
                return try call.text { result throws(Raised) in
                    try call.inParts(of: count, costing: { 16 * $0 }) { part throws(Raised) in
                        try call.randomBytes(part.count).withUnsafeBufferPointer { bytes throws(Raised) in
                            try Hexadecimal.encode(bytes, to: &result)
                        }
                    }
                }
            }
        }
        + named("GenerateUUID") {
            native($0, $1, $2) { call throws(Raised) in
                var bytes = try call.randomBytes(16)
                bytes[6] = bytes[6] & 0x0F | 0x40
                bytes[8] = bytes[8] & 0x3F | 0x80
                var text = Hexadecimal.encoded(bytes)
                for place in [20, 16, 12, 8] { text.insert(UInt8(ascii: "-"), at: place) }
                return try call.string(text)
            }
        }
}

extension BuiltinCall {
    /// At least 0, below 1.
    fileprivate func randomFraction() throws(Raised) -> Double { Double(try random() >> 11) * 0x1p-53 }

    /// A whole number below `bound`, all equally likely.
    fileprivate func random(below bound: UInt64) throws(Raised) -> UInt64 {
        // Lemire's method: the high half of a product, without the few low halves that would be too likely.
        let threshold = (0 &- bound) % bound
        while true {
            let (high, low) = try random().multipliedFullWidth(by: bound)
            if low >= threshold { return high }
        }
    }

    /// Elements without replacement, in random order.
    fileprivate func sample(_ array: UnsafeBufferPointer<Value>, count: Int) throws(Raised) -> Value {
        try reserve(array.count * 8)
        let count = min(count, array.count)
        let (copy, elements) = try newArray(count: array.count)
        try self.copy(array, to: elements)
        try inParts(of: count, costing: { 16 * $0 }) { part throws(Raised) in
            for index in part {
                let other = index + Int(try random(below: UInt64(array.count - index)))
                (elements[index], elements[other]) = (elements[other], elements[index])
            }
        }
        return count == array.count
            ? copy : try self.array(UnsafeBufferPointer(start: elements, count: count))
    }

    fileprivate func randomBytes(_ count: Int) throws(Raised) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: try random() >> 32) }
        return bytes
    }
}
