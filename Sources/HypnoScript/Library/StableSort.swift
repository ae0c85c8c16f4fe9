/// A stable merge sort that can be stopped on the way.
enum StableSort {
    /// Runs that are sorted by insertion at first.
    private static let shortest = 12
    /// Elements between two charges.
    private static let part = 1 << 12

    /// - Parameters:
    ///   - charge: told how much work was done, about four steps for an element put into its place.
    ///   - precedes: whether the first must stand before the second.
    @inline(__always)
    static func sort<Element: BitwiseCopyable>(
        _ elements: inout [Element], charging charge: (Int) throws(Raised) -> Void,
        by precedes: (Element, Element) throws(Raised) -> Bool
    ) throws(Raised) {
        let count = elements.count
        guard count > 1 else { return }
        // Raw memory: the checks of an array are half of the time of a merge.
        var source = UnsafeMutablePointer<Element>.allocate(capacity: count)
        var target = UnsafeMutablePointer<Element>.allocate(capacity: count)
        defer {
            source.deallocate()
            target.deallocate()
        }
        for start in stride(from: 0, to: count, by: shortest) {
            if start % (shortest << 8) == 0 { try charge(8 * min(shortest << 8, count - start)) }
            for index in start..<min(start + shortest, count) {
                let element = elements[index]
                var place = index
                while place > start, try precedes(element, source[place - 1]) {
                    source[place] = source[place - 1]
                    place -= 1
                }
                source[place] = element
            }
        }
        var width = shortest
        while width < count {
            for low in stride(from: 0, to: count, by: 2 * width) {
                let (middle, end) = (min(low + width, count), min(low + 2 * width, count))
                try merge(source, low, middle, end, into: target, charge, precedes)
            }
            swap(&source, &target)
            width *= 2
        }
        for start in stride(from: 0, to: count, by: part) {
            let end = min(start + part, count)
            try charge(end - start)
            for index in start..<end { elements[index] = source[index] }
        }
    }

    @inline(__always)
    private static func merge<Element: BitwiseCopyable>(
        _ source: UnsafeMutablePointer<Element>, _ low: Int, _ middle: Int, _ end: Int,
        into target: UnsafeMutablePointer<Element>, _ charge: (Int) throws(Raised) -> Void,
        _ precedes: (Element, Element) throws(Raised) -> Bool
    ) throws(Raised) {
        var (left, right, place) = (low, middle, low)
        while left < middle, right < end {
            // As many steps as end no earlier than one of the runs.
            let stop = place + min(part, middle - left, end - right)
            try charge(4 * (stop - place))
            while place < stop {
                let takesRight = try precedes(source[right], source[left])
                target[place] = takesRight ? source[right] : source[left]
                right += takesRight ? 1 : 0
                left += takesRight ? 0 : 1
                place += 1
            }
        }
        let rest = left < middle ? left..<middle : right..<end
        for start in stride(from: rest.lowerBound, to: rest.upperBound, by: part) {
            let count = min(part, rest.upperBound - start)
            try charge(count)
            (target + place).update(from: source + start, count: count)
            place += count
        }
    }
}

extension BuiltinCall {
    /// Ascending, NaN last.
    func sort(_ numbers: inout [Double]) throws(Raised) {
        try reserve(numbers.count * 16)
        try StableSort.sort(&numbers, charging: charge) { $0 < $1 || $1.isNaN && !$0.isNaN }
    }
}
