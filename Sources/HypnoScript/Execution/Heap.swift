import Glibc

/// The memory of one run, outside reference counting: small objects in blocks by size class, larger ones
/// from malloc, collected by mark and lazy sweep, never moved.
///
/// Nothing is collected inside an allocation: the machine collects at safe points, when `wantsCollection`.
/// So a builtin may hold any number of fresh objects without registering them. An allocation that would
/// pass the hard limit yields nil; the caller reports it.
struct Heap {
    /// How many bytes a run may hold; the allocator itself gives up at a quarter more.
    let limit: Int
    let hardLimit: Int
    /// True once enough was allocated since the last collection: the next safe point collects.
    var wantsCollection = false
    /// Looked at in all that takes long here.
    let signal: StopSignal
    /// Collect at every safe point: for tests, to find forgotten roots.
    let collectsAlways: Bool

    var epoch: UInt8 = 1
    /// Bytes in blocks and in large objects now, alive or not.
    var blockBytes = 0
    var largeBytes = 0
    /// Bytes held by the machine's own tables (stack, trail), counted against the same limit.
    var tableBytes = 0
    /// What the last collection found alive.
    var liveBytes = 0
    /// What may still be allocated before the next collection.
    var allowance = Heap.minimumAllowance

    /// Per size class: the free run that allocation bumps through, and where sweeping looks next.
    var runs: UnsafeMutablePointer<FreeRun>
    var freeBlocks: UnsafeMutablePointer<HeapBlock>?
    var large = LargeObjects()
    var markStack = MarkStack()

    static let granule = 16
    static let largestSmall = 512
    static let classCount = largestSmall / granule + 1
    static let blockBytes = 32 * 1024
    /// 8 MB: below it collections were measurably useless work (design note §3, allocation workload).
    static let minimumAllowance = 8 << 20

    init(limit: Int, signal: StopSignal, collectsAlways: Bool) {
        self.limit = limit
        self.signal = signal
        hardLimit = limit &+ limit / 4
        self.collectsAlways = collectsAlways
        wantsCollection = collectsAlways
        runs = .allocate(capacity: Heap.classCount)
        runs.initialize(repeating: FreeRun(), count: Heap.classCount)
    }

    /// Returns all memory; every value of the run is dead afterwards.
    mutating func release() {
        for index in 0..<Heap.classCount { Heap.free(runs[index].blocks) }
        Heap.free(freeBlocks)
        runs.deallocate()
        large.release()
        markStack.release()
    }

    private static func free(_ first: UnsafeMutablePointer<HeapBlock>?) {
        var block = first
        while let current = block {
            block = current.pointee.next
            Glibc.free(current)
        }
    }

    /// A new object of at least `size` bytes with its header written and the rest undefined; nil beyond the
    /// hard limit.
    @inline(__always)
    mutating func allocate(_ kind: ObjectKind, index: UInt32 = 0, size: Int) -> UnsafeMutableRawPointer? {
        if size <= Heap.largestSmall {
            let run = runs + (size + (Heap.granule - 1)) / Heap.granule
            let rounded = (size + (Heap.granule - 1)) & ~(Heap.granule - 1)
            if let place = run.pointee.next, place + rounded <= run.pointee.end {
                run.pointee.next = place + rounded
                write(kind, index, flags: ObjectHeader.small, at: place)
                return place
            }
        }
        return allocateSlowly(kind, index, size)
    }

    @inline(__always)
    private func write(
        _ kind: ObjectKind, _ index: UInt32, flags: UInt16, at place: UnsafeMutableRawPointer
    ) {
        place.assumingMemoryBound(to: ObjectHeader.self).pointee =
            ObjectHeader(kind: kind, mark: epoch, flags: flags, index: index)
    }

    @inline(never)
    private mutating func allocateSlowly(
        _ kind: ObjectKind, _ index: UInt32, _ size: Int
    ) -> UnsafeMutableRawPointer? {
        let place: UnsafeMutableRawPointer
        if size > Heap.largestSmall {
            guard let found = allocateLarge(size) else { return nil }
            place = found
        } else {
            let rounded = (size + (Heap.granule - 1)) & ~(Heap.granule - 1)
            guard refill(rounded / Heap.granule), let found = runs[rounded / Heap.granule].next else {
                return nil
            }
            runs[rounded / Heap.granule].next = found + rounded
            place = found
        }
        let flags = size > Heap.largestSmall ? ObjectHeader.large : ObjectHeader.small
        write(kind, index, flags: flags, at: place)
        return place
    }

    private mutating func allocateLarge(_ size: Int) -> UnsafeMutableRawPointer? {
        guard canAfford(size), let place = malloc(size) else { return nil }
        largeBytes += size
        large.append(place, size)
        charge(size)
        return place
    }

    /// Makes memory from malloc an object of this many bytes; false beyond the hard limit.
    mutating func adopt(_ place: UnsafeMutableRawPointer, _ kind: ObjectKind, size: Int) -> Bool {
        guard canAfford(size) else { return false }
        largeBytes += size
        large.append(place, size)
        charge(size)
        write(kind, 0, flags: ObjectHeader.large, at: place)
        return true
    }

    /// Copies memory; false if the run must stop meanwhile.
    @inline(__always)
    func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) -> Bool {
        if _fastPath(count <= Heap.longestCopy) {
            memcpy(target, source, count)
            return true
        }
        return copyInParts(source, to: target, count: count)
    }

    @inline(never)
    private func copyInParts(
        _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
    ) -> Bool {
        for start in stride(from: 0, to: count, by: Heap.longestCopy) {
            if signal.isGiven { return false }
            memcpy(target + start, source + start, min(Heap.longestCopy, count - start))
        }
        return true
    }

    /// Without a look at the signal: with the faults of fresh pages about half a millisecond.
    private static let longestCopy = 1 << 20

    /// Whether `size` more bytes stay below the hard limit. Ask before any allocation whose size a script
    /// chooses.
    func canAfford(_ size: Int) -> Bool {
        size >= 0 && size <= hardLimit - min(hardLimit, blockBytes + largeBytes + tableBytes)
    }

    /// How many bytes are left below the hard limit, garbage counted as used.
    var room: Int { max(0, hardLimit - blockBytes - largeBytes - tableBytes) }

    mutating func charge(_ size: Int) {
        allowance -= size
        if allowance < 0 { wantsCollection = true }
    }

    /// Finds the next free run of a size class: first by sweeping its blocks, else in a new block.
    private mutating func refill(_ sizeClass: Int) -> Bool {
        let run = runs + sizeClass
        if run.pointee.sweep(size: sizeClass * Heap.granule, epoch: epoch) {
            charge(run.pointee.length)
            return true
        }
        guard let block = newBlock() else { return false }
        run.pointee.adopt(block, size: sizeClass * Heap.granule)
        charge(run.pointee.length)
        return true
    }

    private mutating func newBlock() -> UnsafeMutablePointer<HeapBlock>? {
        if let block = freeBlocks {
            freeBlocks = block.pointee.next
            return block
        }
        guard canAfford(Heap.blockBytes) else { return nil }
        // Aligned to its size, so that the block of an object is found by masking its address.
        guard let memory = aligned_alloc(Heap.blockBytes, Heap.blockBytes) else { return nil }
        blockBytes += Heap.blockBytes
        return memory.bindMemory(to: HeapBlock.self, capacity: 1)
    }
}
