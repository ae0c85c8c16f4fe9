/// `Sort`: by value without a function, and with one by a stable merge that asks it.
extension Library {
    static let sorting = [
        Callback("Sort", 2) {
            stepping($0, $1) { frame throws(Raised) in
                let elements = try frame.call.array(0)
                if frame.phase == 0 {
                    let order = frame.call.optional(1) ?? .null
                    if order.isNull { return frame.finish(try frame.call.sortedByValue()) }
                    _ = try frame.function(1)
                    try frame.beginMerging(elements)
                } else {
                    let number = try frame.sign(of: frame.result)
                    frame.take(fromRight: number < 0)
                }
                return try frame.merge()
            }
        }
    ]
}

extension CallbackFrame {
    // The merge goes over the runs of `width` elements in `source` and writes to `target`: `left` and `right`
    // are where the two runs stand, `low` is where the first began.
    private static let source = 0
    private static let target = 1
    private static let width = 2
    private static let low = 3
    private static let left = 4
    private static let right = 5
    private static let written = 6

    fileprivate func beginMerging(_ elements: UnsafeBufferPointer<Value>) throws(Raised) {
        phase = 1
        self[Self.source] = try call.array(elements)
        self[Self.target] = try call.array(elements)
        self[number: Self.width] = 1
        beginRuns(at: 0)
    }

    private func beginRuns(at low: Int) {
        self[number: Self.low] = low
        self[number: Self.left] = low
        self[number: Self.right] = middle(low)
        self[number: Self.written] = low
    }

    private var count: Int { self[Self.source].elements.count }
    private func middle(_ low: Int) -> Int { min(low + self[number: Self.width], count) }
    private func end(_ low: Int) -> Int { min(low + 2 * self[number: Self.width], count) }

    /// Goes on until the function must be asked, or all is sorted.
    fileprivate func merge() throws(Raised) -> Int {
        while self[number: Self.width] < count {
            let low = self[number: Self.low]
            let (left, right) = (self[number: Self.left], self[number: Self.right])
            let (hasLeft, hasRight) = (left < middle(low), right < end(low))
            if hasLeft && hasRight {
                let elements = self[Self.source].elements
                return try call(try function(1), elements[right], elements[left])
            }
            try machine.pointee.check(machine.pointee.charge(1))
            if hasLeft || hasRight {
                take(fromRight: hasRight)
            } else if end(low) < count {
                beginRuns(at: end(low))
            } else {
                (self[Self.source], self[Self.target]) = (self[Self.target], self[Self.source])
                self[number: Self.width] *= 2
                beginRuns(at: 0)
            }
        }
        return finish(self[Self.source])
    }

    fileprivate func take(fromRight isRight: Bool) {
        let run = isRight ? Self.right : Self.left
        let place = self[number: Self.written]
        self[Self.target].array.pointee.items[place] = self[Self.source].elements[self[number: run]]
        self[number: run] += 1
        self[number: Self.written] = place + 1
    }

    /// What the function says, as a number.
    fileprivate func sign(of value: Value) throws(Raised) -> Double {
        guard let number = machine.pointee.convert(value) else { throw .raised }
        return number
    }
}

extension BuiltinCall {
    /// Numbers ascending, NaN last, or strings by their scalars.
    fileprivate func sortedByValue() throws(Raised) -> Value {
        let elements = try array(0)
        try reserve(elements.count * 32)
        if !elements.isEmpty, elements.allSatisfy({ $0.has(.string) }) {
            var strings = Array(elements)
            try StableSort.sort(&strings, charging: charge) { left, right throws(Raised) in
                try charge(min(left.utf8.count, right.utf8.count) / 64 + 4)
                return left.utf8.order(to: right.utf8) < 0
            }
            return try array(strings)
        }
        var numbers: [Double] = []
        numbers.reserveCapacity(elements.count)
        for element in elements {
            try charge(1)
            guard let number = try self.number(from: element) else {
                throw raise(
                    .type, "Builtin 'Sort' expected numbers only or strings only at position 1")
            }
            numbers.append(number)
        }
        try sort(&numbers)
        return try array(numbers)
    }
}
