import Glibc

extension Machine {
    /// Collects if enough was allocated; false, with the error recorded, if too much is alive.
    @inline(__always)
    mutating func safepoint() -> Bool {
        !heap.wantsCollection || collectAndCheck()
    }

    @inline(never)
    private mutating func collectAndCheck() -> Bool {
        guard collect() else { return false }
        if heap.isWithinLimit { return true }
        _ = failMemory()
        return false
    }

    /// Marks everything the run can still reach and frees the rest; false, with the error recorded, if the run
    /// must stop meanwhile.
    mutating func collect() -> Bool {
        guard heap.beginCollection() else { return stopCollection() }
        let registers = Int(program.entries[program.prototype(at: position)].registerCount)
        let top = base + registers
        heap.mark(stack, count: top - stack)
        // Nothing above the top may keep a reference to an object that is freed now: a later call finds these
        // registers as they are.
        memset(top, 0, (stackEnd + Machine.stackSlack - top) * MemoryLayout<Value>.stride)
        for index in 0..<program.cells.count {
            heap.mark(cellContent: cells[index].value)
            heap.mark(cells[index].shared)
        }
        if let entries = trail.entries {
            for index in 0..<trail.count { heap.mark(cellContent: entries[index].value) }
        }
        guard heap.drain() else { return stopCollection() }
        heap.endCollection()
        return true
    }

    private mutating func stopCollection() -> Bool {
        if isAllowedToContinue() { preconditionFailure("a cancelled run stays so, and time goes on") }
        return false
    }

    /// Makes room for a call whose registers end at `top` past the current base; nil beyond a limit.
    @inline(never)
    mutating func growStack(to top: Int) -> Bool {
        let used = base - stack
        let needed = used + top
        let capacity = stackEnd - stack
        if needed <= capacity { return true }
        let larger = max(needed, capacity * 2)
        guard heap.canAfford((larger - capacity) * 8) else {
            _ = failMemory()
            return false
        }
        let moved = UnsafeMutablePointer<Value>.allocate(capacity: larger + Machine.stackSlack)
        moved.update(from: stack, count: capacity + Machine.stackSlack)
        (moved + (capacity + Machine.stackSlack)).initialize(repeating: .zero, count: larger - capacity)
        stack.deallocate()
        heap.tableBytes += (larger - capacity) * 8
        stack = moved
        stackEnd = moved + larger
        base = moved + used
        return true
    }
}
