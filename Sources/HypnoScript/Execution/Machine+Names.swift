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
        var value: Value
        var isConstant: Bool
        /// Not a binding, but one that a module must not see.
        var isHidden = false
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
    /// A read of a name that is captured, or that has no local or global binding.
    @inline(never)
    mutating func readIndirect(_ cell: Int) -> Value {
        let value = cells[cell].value
        if value.isBox { return value.box.pointee.value }
        let shared = cells[cell].shared
        if !shared.isUnbound { return shared }
        if let fallback = program.fallbacks[cell] { return fallback }
        let name = name(program.cells[cell])
        let hint = program.dialect == .documented ? RefusedNames.hint(forName: name) : nil
        return fail(.undefined, "Variable '\(name)' not found" + (hint.map { " — \($0)" } ?? ""))
    }

    /// Whether a read of the name would find a variable.
    func isBound(_ cell: Int) -> Bool {
        !cells[cell].value.isUnbound || !cells[cell].shared.isUnbound
    }

    /// `name = value`: the binding there is, else a new one in the innermost scope.
    @inline(never)
    mutating func assign(_ cell: Int, _ value: Value, scope: Int) -> Bool {
        let place = cells + cell
        if place.pointee.value.isBox {
            let box = place.pointee.value.box
            if box.pointee.header.index == 1 { return failConstant(cell) }
            box.pointee.value = value
        } else if !place.pointee.value.isUnbound {
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

    mutating func failConstant(_ cell: Int) -> Bool {
        _ = raise(.runtime, "Cannot reassign constant variable '\(name(program.cells[cell]))'")
        return false
    }

    /// Declares a name in the innermost scope, whose trail mark is in R[scope].
    @inline(never)
    mutating func declare(_ cell: Int, _ value: Value, constant: Bool, scope: Int) -> Bool {
        let place = cells + cell
        if scope != Instruction.globalScope {
            let mark = TrailMark(base[scope])
            if Int(place.pointee.trailIndex) < mark.count {
                guard pushTrail(cell) else { return false }
                if mark.isCapturing { return declareCaptured(cell, value, constant, scope + 1) }
            } else if place.pointee.value.isBox {
                place.pointee.value.box.pointee.value = value
                place.pointee.value.box.pointee.header.index = constant ? 1 : 0
                return true
            }
        }
        place.pointee.value = value
        place.pointee.isConstant = constant
        return true
    }

    /// A new variable of a scope that anonymous suggestions capture, whose environment is in R[register].
    private mutating func declareCaptured(
        _ cell: Int, _ value: Value, _ constant: Bool, _ register: Int
    ) -> Bool {
        let environment = environment(base[register])
        guard !environment.isFailure, let box = heap.makeBox(value, constant: constant),
            heap.add(cell, box, to: EnvironmentReference(environment))
        else {
            if stop == nil { _ = failMemory() }
            return false
        }
        base[register] = environment
        bind(cell, to: box)
        return true
    }

    func bind(_ cell: Int, to box: BoxReference) {
        cells[cell].value = Value(box: box)
        cells[cell].isConstant = false
    }

    mutating func pushTrail(_ cell: Int) -> Bool {
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
            if entry.isHidden { keepGlobal(place.pointee, of: entry) }
            place.pointee.value = entry.value
            place.pointee.trailIndex = entry.trailIndex
            place.pointee.isConstant = entry.isConstant
        }
    }
}

/// The length of the trail at the entry of a scope, as a register holds it.
struct TrailMark {
    let count: Int
    /// The next register is for the environment that anonymous suggestions capture.
    let isCapturing: Bool

    private static let capturingBit: UInt64 = 1 << 40

    @inline(__always)
    init(_ value: Value) {
        count = Int(truncatingIfNeeded: value.bits & (TrailMark.capturingBit - 1))
        isCapturing = value.bits & TrailMark.capturingBit != 0
    }

    @inline(__always)
    static func capturing(_ count: Int) -> Value {
        Value(bits: UInt64(truncatingIfNeeded: count) | capturingBit)
    }
}
