import Glibc

/// The bindings of one name that is used freely (see `Resolution`): shallow binding, so that a read is one
/// load.
struct Cell {
    /// Of the innermost binding, local or global; unbound if there is neither.
    var value = Value.unbound
    /// Of the shared table, which is looked at last.
    var shared = Value.unbound
    /// Where the trail remembers what the local binding hides; negative for a global binding or none.
    var trailIndex: Int32 = -1
    var isConstant = false
    var isSharedConstant = false
}

/// What local bindings hide, to be restored when their scope is left.
struct Trail {
    struct Entry {
        let cell: Int32
        let trailIndex: Int32
        let value: Value
        let isConstant: Bool
    }

    private(set) var entries: UnsafeMutablePointer<Entry>?
    private(set) var count = 0
    private(set) var capacity = 0

    mutating func push(_ entry: Entry) {
        entries?[count] = entry
        count += 1
    }

    mutating func pop() -> Entry? {
        count -= 1
        return entries?[count]
    }

    /// Doubles the room and returns how many bytes that took.
    mutating func grow() -> Int {
        let larger = max(64, capacity * 2)
        let moved = UnsafeMutablePointer<Entry>.allocate(capacity: larger)
        if let entries {
            moved.moveInitialize(from: entries, count: count)
            entries.deallocate()
        }
        let added = (larger - capacity) * MemoryLayout<Entry>.stride
        entries = moved
        capacity = larger
        return added
    }

    mutating func release() {
        entries?.deallocate()
        entries = nil
    }
}

extension Machine {
    /// A read of a name without a local or global binding.
    @inline(never)
    mutating func readUnbound(_ cell: Int) -> Value {
        let shared = cells[cell].shared
        if !shared.isUnbound { return shared }
        return fail(.undefined, "Variable '\(name(program.cells[cell]))' not found")
    }

    /// `name = value`: the binding there is, else a new one in the innermost scope.
    @inline(never)
    mutating func assign(_ cell: Int, _ value: Value, scope: Int) -> Bool {
        let place = cells + cell
        if !place.pointee.value.isUnbound {
            if place.pointee.isConstant { return failConstant(cell) }
            place.pointee.value = value
        } else if !place.pointee.shared.isUnbound {
            if place.pointee.isSharedConstant { return failConstant(cell) }
            place.pointee.shared = value
        } else {
            return declare(cell, value, constant: false, scope: scope)
        }
        return true
    }

    private mutating func failConstant(_ cell: Int) -> Bool {
        _ = raise(.runtime, "Cannot reassign constant variable '\(name(program.cells[cell]))'")
        return false
    }

    /// Declares a name in the innermost scope, whose trail mark is in R[scope].
    @inline(never)
    mutating func declare(_ cell: Int, _ value: Value, constant: Bool, scope: Int) -> Bool {
        let place = cells + cell
        if scope != Instruction.globalScope,
            Int(place.pointee.trailIndex) < Int(truncatingIfNeeded: base[scope].bits)
        {
            guard pushTrail(cell) else { return false }
        }
        place.pointee.value = value
        place.pointee.isConstant = constant
        return true
    }

    private mutating func pushTrail(_ cell: Int) -> Bool {
        if trail.count == trail.capacity {
            guard heap.canAfford(trail.capacity * MemoryLayout<Trail.Entry>.stride) else {
                _ = failMemory()
                return false
            }
            heap.tableBytes += trail.grow()
        }
        let place = cells + cell
        trail.push(
            Trail.Entry(
                cell: Int32(truncatingIfNeeded: cell), trailIndex: place.pointee.trailIndex,
                value: place.pointee.value, isConstant: place.pointee.isConstant))
        place.pointee.trailIndex = Int32(truncatingIfNeeded: trail.count - 1)
        return true
    }

    mutating func declareShared(_ cell: Int, _ value: Value, constant: Bool) {
        cells[cell].shared = value
        cells[cell].isSharedConstant = constant
    }

    /// Takes back the bindings made since the trail had `mark` entries.
    @inline(never)
    mutating func unwind(to mark: Int) {
        while trail.count > mark, let entry = trail.pop() {
            let place = cells + Int(entry.cell)
            place.pointee.value = entry.value
            place.pointee.trailIndex = entry.trailIndex
            place.pointee.isConstant = entry.isConstant
        }
    }
}
