/// A stable merge sort that can be stopped on the way.
enum StableSort {
    /// Runs that are sorted by insertion at first.
    private static let shortest = 12

    /// - Parameters:
    ///   - charge: told how many elements were put into their place.
    ///   - precedes: whether the first must stand before the second.
    @inline(__always)
    static func sort<Element>(
        _ elements: inout [Element], charging charge: (Int) throws(Raised) -> Void,
        by precedes: (Element, Element) throws(Raised) -> Bool
    ) throws(Raised) {
        let count = elements.count
        for start in stride(from: 0, to: count, by: shortest) {
            if start % (shortest << 8) == 0 { try charge(8 * min(shortest << 8, count - start)) }
            for index in start..<min(start + shortest, count) {
                let element = elements[index]
                var place = index
                while place > start, try precedes(element, elements[place - 1]) {
                    elements[place] = elements[place - 1]
                    place -= 1
                }
                elements[place] = element
            }
        }
        var (source, target) = (elements, elements)
        var width = shortest
        while width < count {
            for low in stride(from: 0, to: count, by: 2 * width) {
                let (middle, end) = (min(low + width, count), min(low + 2 * width, count))
                try merge(source, low, middle, end, into: &target, charge, precedes)
            }
            swap(&source, &target)
            width *= 2
        }
        elements = source
    }

    @inline(__always)
    private static func merge<Element>(
        _ source: [Element], _ low: Int, _ middle: Int, _ end: Int, into target: inout [Element],
        _ charge: (Int) throws(Raised) -> Void, _ precedes: (Element, Element) throws(Raised) -> Bool
    ) throws(Raised) {
        var (left, right) = (low, middle)
        var work = 0
        for place in low..<end {
            let takesRight: Bool
            if left == middle {
                takesRight = true
            } else if right == end {
                takesRight = false
            } else {
                takesRight = try precedes(source[right], source[left])
            }
            target[place] = takesRight ? source[right] : source[left]
            if takesRight { right += 1 } else { left += 1 }
            work += 1
            if work == 1 << 12 {
                try charge(4 * work)
                work = 0
            }
        }
        try charge(4 * work)
    }
}

extension BuiltinCall {
    /// Ascending, NaN last.
    func sort(_ numbers: inout [Double]) throws(Raised) {
        try reserve(numbers.count * 16)
        try StableSort.sort(&numbers, charging: charge) { $1.isNaN ? !$0.isNaN : $0 < $1 }
    }
}
