/// Modules while they run: in the global scope, whoever loads them.
extension Machine {
    /// True the first time: the module must run. Later loads, and those of a module by itself, do nothing.
    mutating func beginModule(_ index: Int) -> Bool {
        guard moduleCells[index] == nil else { return false }
        moduleCells[index] = []
        moduleSnapshots.append((index, (0..<program.cells.count).map { global(of: $0) }))
        return true
    }

    /// Notes what the module declared or changed: its own declarations first, in their order.
    mutating func endModule(_ index: Int) {
        guard let begun = moduleSnapshots.lastIndex(where: { $0.module == index }) else { return }
        let before = moduleSnapshots[begun].values
        moduleSnapshots.removeSubrange(begun...)
        var found = program.modules[index].declared.filter { !global(of: $0).isUnbound }
        let known = Set(found)
        for cell in 0..<program.cells.count
        where !known.contains(cell) && global(of: cell).bits != before[cell].bits {
            found.append(cell)
        }
        moduleCells[index] = found
    }

    /// The names that a module declared or changed, with the values they have now.
    mutating func moduleObject(_ index: Int) -> Value {
        let cells = moduleCells[index] ?? []
        guard let object = heap.makeDictionary(capacity: cells.count) else { return failMemory() }
        for cell in cells {
            let value = global(of: cell)
            guard !value.isUnbound else { continue }
            share(value)
            if value.has(.array) { value.array.pointee.header.index = ObjectHeader.shared }
            guard let name = heap.makeString(name(program.cells[cell])),
                heap.insert(Value(.string, name), value, into: object)
            else { return failMemory() }
        }
        return Value(.record, object)
    }

    /// The global binding of a name, past the local ones.
    private func global(of cell: Int) -> Value {
        guard let bottom = bottomEntry(of: cells[cell].trailIndex) else { return cells[cell].value }
        return trail.entries?[bottom].value ?? .unbound
    }

    /// The entry of the trail that holds what the outermost local binding hides.
    private func bottomEntry(of trailIndex: Int32) -> Int? {
        guard trailIndex >= 0, let entries = trail.entries else { return nil }
        var index = trailIndex
        while entries[Int(index)].trailIndex >= 0 { index = entries[Int(index)].trailIndex }
        return Int(index)
    }

    // MARK: Hiding

    /// Takes all local bindings away until the trail is unwound to here.
    mutating func hideLocals() -> Bool {
        for cell in 0..<program.cells.count {
            let place = cells[cell]
            guard let bottom = bottomEntry(of: place.trailIndex), let outer = trail.entries?[bottom] else {
                continue
            }
            guard pushTrail(cell) else { return false }
            trail.hideLast()
            cells[cell].value = outer.value
            cells[cell].isConstant = outer.isConstant
            cells[cell].trailIndex = -1
        }
        return true
    }

    /// Before a hidden binding comes back: what is global now goes where the local bindings hide it.
    mutating func keepGlobal(_ cell: Cell, of entry: Trail.Entry) {
        guard let bottom = bottomEntry(of: entry.trailIndex) else { return }
        trail.replace(bottom, value: cell.value, isConstant: cell.isConstant)
    }
}

extension Trail {
    /// Marks the last entry as one that hides a binding instead of making one.
    mutating func hideLast() {
        entries?[count - 1].isHidden = true
    }

    mutating func replace(_ index: Int, value: Value, isConstant: Bool) {
        entries?[index].value = value
        entries?[index].isConstant = isConstant
    }
}
