/// One value of a running script in 64 bits: a double, or a tag in the top 16 bits and 48 bits of payload
/// below.
///
/// Doubles are themselves. Every pattern above `0xFFF8_0000_0000_0000` is a tagged value and, seen as a
/// double, a NaN; the only NaN that is a number is the canonical one, so a NaN from outside goes through
/// `init(number:)`. A `Value` owns nothing: the collector keeps what it refers to alive (see `Heap`).
struct Value {
    let bits: UInt64

    @inline(__always)
    init(bits: UInt64) {
        self.bits = bits
    }

    /// A number; any NaN becomes the canonical one, whose payload cannot be taken for a tag.
    @inline(__always)
    init(number: Double) {
        self = number == number ? Value(ordinary: number) : Value(bits: Value.canonicalNaN)
    }

    /// A number that is known not to be NaN.
    ///
    /// A bit cast, because the inliner leaves `Double.bitPattern` as a call into the standard library once
    /// the function around it is as large as the dispatch loop; that call was a tenth of a tight loop's
    /// time.
    @inline(__always)
    init(ordinary: Double) {
        self = unsafeBitCast(ordinary, to: Value.self)  // Safe because both are 64 plain bits.
    }

    @inline(__always)
    init(_ flag: Bool) {
        bits = flag ? Value.true.bits : Value.false.bits
    }

    /// A reference to a heap object, whose kind decides the tag.
    @inline(__always)
    init(_ tag: Tag, _ object: UnsafeMutableRawPointer) {
        bits = tag.rawValue &<< 48 | UInt64(UInt(bitPattern: object))
    }

    static let canonicalNaN: UInt64 = 0x7FF8_0000_0000_0000

    @inline(__always) static var null: Value { Value(bits: 0xFFF9_0000_0000_0000) }
    @inline(__always) static var `false`: Value { Value(bits: 0xFFF9_0000_0000_0002) }
    @inline(__always) static var `true`: Value { Value(bits: 0xFFF9_0000_0000_0003) }
    /// A reference to the box of a captured variable, as a cell holds it; never seen by a script.
    @inline(__always)
    init(box: BoxReference) {
        bits = Value.null.bits | UInt64(UInt(bitPattern: box))
    }

    /// What a cell holds while its name is bound to nothing; never seen by a script.
    @inline(__always) static var unbound: Value { Value(bits: 0xFFF9_0000_0000_0004) }
    /// What a slow path or builtin returns after it recorded an error in the machine; never stored.
    @inline(__always) static var failure: Value { Value(bits: 0xFFF9_0000_0000_0005) }
    @inline(__always) static var zero: Value { Value(bits: 0) }
}

extension Value {
    /// The kinds of tagged values, as they stand in the top 16 bits.
    enum Tag: UInt64 {
        case immediate = 0xFFF9
        case string = 0xFFFA
        case array = 0xFFFB
        case function = 0xFFFC
        // The three kinds with fields come last, so that one comparison finds them.
        case record = 0xFFFD
        case instance = 0xFFFE
        case session = 0xFFFF
    }

    @inline(__always) var isNumber: Bool { bits < 0xFFF9_0000_0000_0000 }
    @inline(__always) var isNull: Bool { bits == Value.null.bits }
    @inline(__always) var isUnbound: Bool { bits == Value.unbound.bits }
    /// In a cell: no value but unbound or a box.
    @inline(__always) var isIndirect: Bool {
        bits &- Value.unbound.bits < 0x0000_FFFF_FFFF_FFFC
    }
    @inline(__always) var isBox: Bool { isIndirect && bits > Value.failure.bits }
    @inline(__always) var isFailure: Bool { bits == Value.failure.bits }
    @inline(__always) var isBoolean: Bool { bits | 1 == Value.true.bits }
    @inline(__always) var isTrue: Bool { bits == Value.true.bits }
    @inline(__always) var isObject: Bool { bits >= 0xFFFA_0000_0000_0000 }
    /// A record, an instance or a session.
    @inline(__always) var hasFields: Bool { bits >= 0xFFFD_0000_0000_0000 }

    /// An array that the variable which holds it may change in place.
    @inline(__always) var isOwnArray: Bool {
        has(.array) && array.pointee.header.index == ObjectHeader.owned
    }
    /// A function that is no bound method.
    @inline(__always) var isPlainFunction: Bool { has(.function) && function.pointee.receiver.isNull }

    @inline(__always)
    func has(_ tag: Tag) -> Bool {
        bits &>> 48 == tag.rawValue
    }

    /// The number this is; meaningless unless `isNumber`.
    @inline(__always) var number: Double {
        unsafeBitCast(self, to: Double.self)  // Safe because both are 64 plain bits.
    }

    /// Where the heap object is; only for a value with `isObject`.
    @inline(__always)
    var object: UnsafeMutableRawPointer {
        // Safe because only `init(_:_:)` makes such values, from a pointer that is not null.
        UnsafeMutableRawPointer(bitPattern: UInt(bits & 0xFFFF_FFFF_FFFF)).unsafelyUnwrapped
    }

    @inline(__always)
    var string: StringReference { object.assumingMemoryBound(to: StringObject.self) }
    @inline(__always)
    var array: ArrayReference { object.assumingMemoryBound(to: ArrayObject.self) }
    /// The object as fields behind a header; for records, instances and sessions.
    @inline(__always)
    var fields: FieldsReference { object.assumingMemoryBound(to: FieldsObject.self) }
    /// A record of a declared type; not an object.
    var isRecord: Bool {
        has(.record) && object.assumingMemoryBound(to: ObjectHeader.self).pointee.kind == .fields
    }
    /// An object of the documented dialect. It shares the records' tag, because there is no other left.
    var isDictionary: Bool {
        has(.record) && object.assumingMemoryBound(to: ObjectHeader.self).pointee.kind == .dictionary
    }
    var dictionary: DictionaryReference { object.assumingMemoryBound(to: DictionaryObject.self) }
    /// The box that `init(box:)` was given; only with `isBox`.
    var box: BoxReference { object.assumingMemoryBound(to: BoxObject.self) }

    @inline(__always)
    var function: FunctionReference { object.assumingMemoryBound(to: FunctionObject.self) }

    /// The text of a string value, valid as long as the string lives; only for a string.
    @inline(__always)
    var utf8: UnsafeBufferPointer<UInt8> {
        let text = string
        return UnsafeBufferPointer(start: text.pointee.bytes, count: text.pointee.count)
    }

    /// The elements of an array value, valid as long as the array lives; only for an array.
    @inline(__always)
    var elements: UnsafeBufferPointer<Value> {
        let list = array
        return UnsafeBufferPointer(start: list.pointee.items, count: list.pointee.count)
    }

    /// What `if` makes of it (§4): null, false, zero, the empty string and the empty array count as false.
    var isTruthy: Bool {
        if isNumber { return number != 0 }
        switch bits &>> 48 {
        case Tag.immediate.rawValue: return isTrue
        case Tag.string.rawValue: return string.pointee.count > 0
        case Tag.array.rawValue: return array.pointee.count > 0
        default: return true
        }
    }
}
