import Glibc

/// A text that grows and becomes a string of the heap at its end, without a copy.
///
/// Growing counts as work, so whatever writes its result here sees cancellation and deadline often enough
/// if the rest of its work is in proportion.
struct TextBuilder: ~Copyable {
    private let machine: UnsafeMutablePointer<Machine>
    /// From malloc; the head of the string comes first.
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    /// How far the text may grow without a look at anything.
    private var glance = 0
    private(set) var count = 0

    private static let head = MemoryLayout<StringObject>.size
    /// Bytes between two charges.
    private static let window = 1 << 16

    init(_ machine: UnsafeMutablePointer<Machine>) {
        self.machine = machine
    }

    init(_ call: BuiltinCall) {
        self.init(call.machine)
    }

    deinit { free(memory) }

    /// The text so far, valid until it grows.
    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start, count: count)
    }

    private var start: UnsafeMutablePointer<UInt8>? {
        memory.map { ($0 + Self.head).assumingMemoryBound(to: UInt8.self) }
    }

    mutating func append(_ byte: UInt8) throws(Raised) {
        if _slowPath(count == glance) { try makeRoom(for: 1) }
        start?[count] = byte
        count += 1
    }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) {
        guard let source = text.baseAddress, !text.isEmpty else { return }
        if _slowPath(text.count > glance - count) { try makeRoom(for: text.count) }
        guard let start, machine.pointee.heap.copy(source, to: start + count, count: text.count) else {
            throw machine.pointee.outOfMemory()
        }
        count += text.count
    }

    /// Appends a text so often. What is there already is copied, so a short one takes no longer.
    mutating func append(_ text: UnsafeBufferPointer<UInt8>, times: Int) throws(Raised) {
        guard !text.isEmpty, times > 0 else { return }
        let (first, total) = (count, text.count * times)
        try append(text)
        while count - first < total {
            let part = min(count - first, total - (count - first), Self.window / text.count * text.count)
            guard part > 0 else {
                try append(text)
                continue
            }
            if part > glance - count { try makeRoom(for: part) }
            guard let start else { return }
            memcpy(start + count, start + first, part)
            count += part
        }
    }

    mutating func append(_ text: StaticString) throws(Raised) {
        try append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ scalar: Unicode.Scalar) throws(Raised) {
        if scalar.isASCII { return try append(UInt8(truncatingIfNeeded: scalar.value)) }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { try append(byte) }
    }

    mutating func append(_ text: String) throws(Raised) {
        for byte in text.utf8 { try append(byte) }
    }

    /// The printed form of any value (§4).
    mutating func append(printed value: Value) throws(Raised) {
        if value.has(.string) { return try append(value.utf8) }
        let machine = machine
        try machine.print(value) { text throws(Raised) in try append(text) }
    }

    /// Makes room for a text whose length is known, or nearly so: then it does not grow step by step.
    mutating func reserve(_ more: Int) throws(Raised) {
        if more > capacity - count { try grow(to: count + more) }
    }

    /// Starts over with the memory it has.
    mutating func removeAll() { count = 0 }

    /// The string; the builder is empty again.
    mutating func finish() throws(Raised) -> Value {
        let size = Self.head + count
        guard size > Heap.largestSmall, let place = realloc(memory, size) else {
            guard let string = machine.pointee.heap.makeString(bytes) else {
                throw machine.pointee.outOfMemory()
            }
            return Value(.string, string)
        }
        memory = place
        capacity = count
        guard machine.pointee.heap.adopt(place, .string, size: size) else {
            throw machine.pointee.outOfMemory()
        }
        memory = nil
        let string = place.assumingMemoryBound(to: StringObject.self)
        string.pointee.count = count
        string.pointee.bytes = UnsafeMutableRawPointer(string + 1).assumingMemoryBound(to: UInt8.self)
        string.pointee.buffer = nil
        (count, capacity, glance) = (0, 0, 0)
        return Value(.string, string)
    }

    /// Counts other work.
    func charge(_ steps: Int) throws(Raised) {
        if !machine.pointee.charge(steps) { throw .raised }
    }

    // MARK: Growing

    @inline(never)
    private mutating func makeRoom(for more: Int) throws(Raised) {
        if !machine.pointee.charge((count + more - max(glance - Self.window, 0)) / 16) { throw .raised }
        if more > capacity - count {
            try grow(to: max(count + more, min(2 * capacity, capacity + Self.largestStep), 224))
        }
        glance = min(capacity, count + more + Self.window)
    }

    /// Beyond this, growing goes in equal steps: the kernel moves pages instead of copying them.
    private static let largestStep = 32 << 20

    private mutating func grow(to wanted: Int) throws(Raised) {
        let size = Self.head + wanted
        if size > Self.window, !machine.pointee.heap.canAfford(size) { throw machine.pointee.outOfMemory() }
        guard wanted < Heap.longestString, let moved = realloc(memory, size) else {
            throw machine.pointee.outOfMemory()
        }
        memory = moved
        capacity = wanted
        glance = min(capacity, max(glance, count))
    }
}
