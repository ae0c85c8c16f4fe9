import Glibc

/// The head of a 32 KB block of equal cells; the cells follow at `HeapBlock.firstCell`.
struct HeapBlock {
    var next: UnsafeMutablePointer<HeapBlock>?
    /// Objects found alive by the running collection.
    var live: Int32
    var cellSize: Int32

    static let firstCell = 16
}

/// Where a size class allocates: the free cells from `next` to `end`, and the place at which the search for
/// more goes on.
struct FreeRun {
    var next: UnsafeMutableRawPointer?
    var end = UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped  // Safe because 16 is not null.
    var blocks: UnsafeMutablePointer<HeapBlock>?
    var sweeping: UnsafeMutablePointer<HeapBlock>?
    var position = HeapBlock.firstCell

    var length: Int { next.map { end - $0 } ?? 0 }

    /// Moves on to the next cells that the last collection did not mark; false when all blocks are used up.
    mutating func sweep(size: Int, epoch: UInt8) -> Bool {
        while let block = sweeping {
            let start = UnsafeMutableRawPointer(block)
            let last = Heap.blockBytes - size
            while position <= last, mark(start + position) == epoch { position += size }
            if position <= last {
                next = start + position
                repeat { position += size } while position <= last && mark(start + position) != epoch
                end = start + position
                return true
            }
            sweeping = block.pointee.next
            position = HeapBlock.firstCell
        }
        return false
    }

    private func mark(_ cell: UnsafeMutableRawPointer) -> UInt8 {
        cell.assumingMemoryBound(to: ObjectHeader.self).pointee.mark
    }

    /// Takes a fresh block: all of it is one free run. It goes in front, where this cycle's sweep does not
    /// come again.
    mutating func adopt(_ block: UnsafeMutablePointer<HeapBlock>, size: Int) {
        block.pointee = HeapBlock(next: blocks, live: 0, cellSize: Int32(truncatingIfNeeded: size))
        blocks = block
        let start = UnsafeMutableRawPointer(block)
        memset(start + HeapBlock.firstCell, 0, Heap.blockBytes - HeapBlock.firstCell)
        next = start + HeapBlock.firstCell
        end = start + (HeapBlock.firstCell + (Heap.blockBytes - HeapBlock.firstCell) / size * size)
    }

    /// After a collection: hands blocks without a live object to `free` and starts sweeping anew, behind the
    /// blocks that are full: else one search for a free cell might go through all memory.
    mutating func restart(size: Int, free: inout UnsafeMutablePointer<HeapBlock>?) {
        let full = Int32((Heap.blockBytes - HeapBlock.firstCell) / size)
        var kept: UnsafeMutablePointer<HeapBlock>?
        var filled: UnsafeMutablePointer<HeapBlock>?
        var lastFilled: UnsafeMutablePointer<HeapBlock>?
        var block = blocks
        while let current = block {
            block = current.pointee.next
            if current.pointee.live == 0 {
                current.pointee.next = free
                free = current
            } else if current.pointee.live == full {
                current.pointee.next = filled
                current.pointee.live = 0
                if filled == nil { lastFilled = current }
                filled = current
            } else {
                current.pointee.next = kept
                current.pointee.live = 0
                kept = current
            }
        }
        lastFilled?.pointee.next = kept
        blocks = filled ?? kept
        sweeping = kept
        position = HeapBlock.firstCell
        next = nil
    }
}

/// The objects that malloc gave, each with its size.
struct LargeObjects {
    private var entries: UnsafeMutablePointer<(place: UnsafeMutableRawPointer, size: Int)>?
    private var count = 0
    private var capacity = 0

    mutating func append(_ place: UnsafeMutableRawPointer, _ size: Int) {
        if count == capacity {
            let larger = max(16, capacity * 2)
            let moved = UnsafeMutablePointer<(place: UnsafeMutableRawPointer, size: Int)>.allocate(
                capacity: larger)
            if let entries {
                moved.moveInitialize(from: entries, count: count)
                entries.deallocate()
            }
            entries = moved
            capacity = larger
        }
        entries?[count] = (place, size)
        count += 1
    }

    /// Frees what the collection `epoch` did not mark and says how many bytes are left.
    mutating func sweep(epoch: UInt8) -> Int {
        guard let entries else { return 0 }
        var kept = 0
        var bytes = 0
        for index in 0..<count {
            let entry = entries[index]
            if entry.place.assumingMemoryBound(to: ObjectHeader.self).pointee.mark == epoch {
                entries[kept] = entry
                kept += 1
                bytes += entry.size
            } else {
                free(entry.place)
            }
        }
        count = kept
        return bytes
    }

    /// Clears all marks, when the epoch counter starts over.
    func clearMarks() {
        guard let entries else { return }
        for index in 0..<count {
            entries[index].place.assumingMemoryBound(to: ObjectHeader.self).pointee.mark = 0
        }
    }

    mutating func release() {
        guard let entries else { return }
        for index in 0..<count { free(entries[index].place) }
        entries.deallocate()
        self.entries = nil
        count = 0
    }
}
