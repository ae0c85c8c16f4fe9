import Glibc

/// The objects that are marked but not yet looked into: a raw buffer, because a Swift array here cost a
/// fifth of the collection (design note §2) and recursion would overflow on a long chain.
struct MarkStack {
    private var entries: UnsafeMutablePointer<UnsafeMutableRawPointer>?
    private var count = 0
    private var capacity = 0
    /// The rest of long lists of values.
    private var ranges: [UnsafeBufferPointer<Value>] = []

    @inline(__always)
    mutating func push(_ object: UnsafeMutableRawPointer) {
        if count == capacity { grow() }
        entries?[count] = object
        count += 1
    }

    mutating func pop() -> UnsafeMutableRawPointer? {
        guard count > 0 else { return nil }
        count -= 1
        return entries?[count]
    }

    @inline(never)
    private mutating func grow() {
        let larger = max(256, capacity * 2)
        let moved = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: larger)
        if let entries {
            moved.moveInitialize(from: entries, count: count)
            entries.deallocate()
        }
        entries = moved
        capacity = larger
    }

    mutating func push(_ range: UnsafeBufferPointer<Value>) { ranges.append(range) }

    /// The next values of a long list, at most `count`.
    mutating func popRange(count: Int) -> UnsafeBufferPointer<Value>? {
        guard let range = ranges.popLast() else { return nil }
        guard range.count > count else { return range }
        ranges.append(UnsafeBufferPointer(rebasing: range[count...]))
        return UnsafeBufferPointer(rebasing: range[..<count])
    }

    mutating func release() {
        entries?.deallocate()
        entries = nil
    }
}

extension Heap {
    /// Starts a collection: from here on only what `mark` is told to keep survives `endCollection`. False if
    /// the run must stop: then nothing is ever collected again.
    mutating func beginCollection() -> Bool {
        liveBytes = 0
        if epoch == UInt8.max {
            guard clearAllMarks() else { return false }
            epoch = 0
        }
        epoch += 1
        return true
    }

    /// Keeps `value` and, once `drain` ran, all it refers to.
    @inline(__always)
    mutating func mark(_ value: Value) {
        if value.isObject { mark(object: value.object) }
    }

    /// A long list is kept for `drain`, which looks at the signal on the way.
    mutating func mark(_ values: UnsafePointer<Value>, count: Int) {
        if count > Heap.longestList {
            markStack.push(UnsafeBufferPointer(start: values, count: count))
        } else {
            for index in 0..<count { mark(values[index]) }
        }
    }

    /// So many values are marked at once.
    private static let longestList = 4096
    /// So many objects are looked into, or lists of an eighth as many, between two looks at the signal: one or
    /// two milliseconds where the memory is not in a cache.
    private static let objectsPerLook = 1 << 15

    private mutating func mark(object: UnsafeMutableRawPointer) {
        guard touch(object) else { return }
        markStack.push(object)
    }

    /// Sets the mark; false if it was set already.
    private mutating func touch(_ object: UnsafeMutableRawPointer) -> Bool {
        let header = object.assumingMemoryBound(to: ObjectHeader.self)
        guard header.pointee.flags != ObjectHeader.immortal, header.pointee.mark != epoch else {
            return false
        }
        header.pointee.mark = epoch
        if header.pointee.flags == ObjectHeader.small {
            let address = UInt(bitPattern: object) & ~UInt(Heap.blockBytes - 1)
            // Safe because a small object lies in a block, and blocks are aligned to their size.
            let block = UnsafeMutablePointer<HeapBlock>(bitPattern: address).unsafelyUnwrapped
            block.pointee.live += 1
            liveBytes += Int(block.pointee.cellSize)
        }
        return true
    }

    /// Looks into everything marked until nothing new turns up; false if the run must stop.
    mutating func drain() -> Bool {
        var left = Heap.objectsPerLook
        while true {
            while let object = markStack.pop() {
                left -= 1
                if left < 0 {
                    if signal.isGiven { return false }
                    left = Heap.objectsPerLook
                }
                lookInto(object)
            }
            guard let values = markStack.popRange(count: Heap.longestList) else { return true }
            left -= values.count / 8
            for value in values { mark(value) }
        }
    }

    @inline(__always)
    private mutating func lookInto(_ object: UnsafeMutableRawPointer) {
        switch object.assumingMemoryBound(to: ObjectHeader.self).pointee.kind {
        case .free, .text, .items, .entries: break
        case .string:
            if let buffer = object.assumingMemoryBound(to: StringObject.self).pointee.buffer {
                _ = touch(UnsafeMutableRawPointer(buffer))
            }
        case .array:
            let array = object.assumingMemoryBound(to: ArrayObject.self)
            if let buffer = array.pointee.buffer { _ = touch(UnsafeMutableRawPointer(buffer)) }
            mark(array.pointee.items, count: array.pointee.count)
        case .fields:
            let fields = object.assumingMemoryBound(to: FieldsObject.self)
            mark(fields.pointee.owner)
            mark(fields.values, count: fields.pointee.count)
        case .function:
            let function = object.assumingMemoryBound(to: FunctionObject.self)
            mark(function.pointee.receiver)
            mark(function.pointee.captures)
        case .dictionary: drain(object.assumingMemoryBound(to: DictionaryObject.self))
        case .box: mark(object.assumingMemoryBound(to: BoxObject.self).pointee.value)
        case .environment: drain(object.assumingMemoryBound(to: EnvironmentObject.self))
        }
    }

    private mutating func drain(_ dictionary: DictionaryReference) {
        let table = dictionary.pointee.table
        _ = touch(UnsafeMutableRawPointer(table))
        // An entry is two values.
        let values = UnsafeRawPointer(table.entries).assumingMemoryBound(to: Value.self)
        mark(values, count: 2 * dictionary.pointee.count)
    }

    private mutating func drain(_ environment: EnvironmentReference) {
        guard let buffer = environment.pointee.buffer else { return }
        _ = touch(UnsafeMutableRawPointer(buffer))
        for index in 0..<environment.pointee.count { mark(object: buffer.items[2 * index + 1].object) }
    }

    /// As `mark`, for what a cell holds.
    mutating func mark(cellContent value: Value) {
        if value.isBox { mark(object: value.object) } else { mark(value) }
    }

    /// Frees large objects at once and leaves the cells of blocks to be swept when allocation comes by.
    mutating func endCollection() {
        largeBytes = large.sweep(epoch: epoch)
        liveBytes += largeBytes
        for index in 1..<Heap.classCount {
            runs[index].restart(size: index * Heap.granule, free: &freeBlocks)
        }
        let room = max(limit - liveBytes - tableBytes, 1 << 20)
        allowance = min(max(Heap.minimumAllowance, liveBytes), room)
        wantsCollection = collectsAlways
    }

    /// Whether what survived the last collection is within the limit.
    var isWithinLimit: Bool { liveBytes + tableBytes <= limit }

    private func clearAllMarks() -> Bool {
        large.clearMarks()
        var left = Heap.objectsPerLook
        for index in 1..<Heap.classCount {
            var block = runs[index].blocks
            while let current = block {
                let cells = UnsafeMutableRawPointer(current)
                let size = index * Heap.granule
                for position in stride(from: HeapBlock.firstCell, through: Heap.blockBytes - size, by: size) {
                    (cells + position).assumingMemoryBound(to: ObjectHeader.self).pointee.mark = 0
                }
                block = current.pointee.next
                left -= Heap.blockBytes / size
                if left < 0 {
                    if signal.isGiven { return false }
                    left = Heap.objectsPerLook
                }
            }
        }
        return true
    }
}
