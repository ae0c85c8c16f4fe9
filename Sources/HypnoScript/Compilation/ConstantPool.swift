/// The constants of a program as values, with their strings: raw memory that lives as long as the program,
/// marked immortal so that no collector writes to it.
final class ConstantPool {
    let values: UnsafeMutablePointer<Value>
    let count: Int
    private let strings: [UnsafeMutableRawPointer]

    init(values: UnsafeMutablePointer<Value>, count: Int, strings: [UnsafeMutableRawPointer]) {
        self.values = values
        self.count = count
        self.strings = strings
    }

    deinit {
        for string in strings { string.deallocate() }
        values.deallocate()
    }
}

/// Collects the constants of a program under construction, each once.
struct ConstantTable {
    private enum Entry {
        case bits(UInt64)
        case string(Symbol)
    }

    private var entries: [Entry] = []
    private var indexOfBits: [UInt64: Int] = [:]
    private var indexOfString: [Symbol: Int] = [:]

    mutating func index(of value: Value) -> Int {
        if let known = indexOfBits[value.bits] { return known }
        indexOfBits[value.bits] = entries.count
        entries.append(.bits(value.bits))
        return entries.count - 1
    }

    mutating func index(ofString symbol: Symbol) -> Int {
        if let known = indexOfString[symbol] { return known }
        indexOfString[symbol] = entries.count
        entries.append(.string(symbol))
        return entries.count - 1
    }

    func pool(_ names: NameTable) -> ConstantPool {
        let values = UnsafeMutablePointer<Value>.allocate(capacity: max(1, entries.count))
        var strings: [UnsafeMutableRawPointer] = []
        for (index, entry) in entries.enumerated() {
            switch entry {
            case .bits(let bits): (values + index).initialize(to: Value(bits: bits))
            case .string(let symbol):
                let string = names.withUTF8(of: symbol) { Self.immortalString($0) }
                strings.append(string)
                (values + index).initialize(to: Value(.string, string))
            }
        }
        return ConstantPool(values: values, count: entries.count, strings: strings)
    }

    private static func immortalString(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeMutableRawPointer {
        let size = MemoryLayout<StringObject>.size
        let place = UnsafeMutableRawPointer.allocate(byteCount: size + text.count, alignment: 16)
        let bytes = (place + size).assumingMemoryBound(to: UInt8.self)
        if let start = text.baseAddress { bytes.update(from: start, count: text.count) }
        place.initializeMemory(
            as: StringObject.self,
            to: StringObject(
                header: ObjectHeader(kind: .string, mark: 0, flags: ObjectHeader.immortal, index: 0),
                count: text.count, bytes: bytes, buffer: nil))
        return place
    }
}
