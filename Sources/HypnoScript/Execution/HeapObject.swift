/// What a heap object is, as far as the collector must know to find what it refers to.
enum ObjectKind: UInt8 {
    /// Not an object: a cell of a block that nothing uses.
    case free = 0
    /// Bytes that a string object points into.
    case text = 1
    /// Raw storage of an array object: values.
    case items = 2
    case string = 3
    case array = 4
    /// A record, instance or session: `FieldsObject`.
    case fields = 5
    case function = 6
    /// An object of the documented dialect, and the entries that such objects share.
    case dictionary = 7
    case entries = 8
    /// A captured variable, and the variables that a captured scope has.
    case box = 9
    case environment = 10
}

/// The first eight bytes of every heap object.
struct ObjectHeader {
    var kind: ObjectKind
    /// The collection that last found this object alive.
    var mark: UInt8
    var flags: UInt16
    /// A function's prototype; for an object with fields what inline caches compare (see `LayoutKey`).
    var index: UInt32

    /// In a block of the heap.
    /// In `index` of an array: whether the variable that holds it may change it in place.
    static let shared: UInt32 = 0
    static let owned: UInt32 = 1

    static let small: UInt16 = 0
    /// From malloc, listed in `Heap.large`.
    static let large: UInt16 = 1
    /// Part of the compiled script: shared by threads, so the collector must not write to it.
    static let immortal: UInt16 = 2
}

/// What decides where the fields of an object are: one number for record shapes, classes and their sessions
/// alike, so that an inline cache needs a single comparison.
enum LayoutKey {
    static let recordBit: UInt32 = 0x4000_0000
    static let sessionBit: UInt32 = 0x8000_0000
    /// Set for records that are equal when their fields are.
    static let structuralBit: UInt32 = 0x2000_0000
    /// Of every object: there is nothing to cache. The second as `ObjectHeader.owned`.
    static let dictionary: UInt32 = 0xFFFF_FFFE
    static let ownedDictionary: UInt32 = 0xFFFF_FFFD
    /// What an empty cache holds.
    static let none: UInt32 = 0xFFFF_FFFF

    static func index(of key: UInt32) -> Int {
        Int(key & ~(recordBit | sessionBit | structuralBit))
    }
}

typealias StringReference = UnsafeMutablePointer<StringObject>
typealias ArrayReference = UnsafeMutablePointer<ArrayObject>
typealias FieldsReference = UnsafeMutablePointer<FieldsObject>
typealias FunctionReference = UnsafeMutablePointer<FunctionObject>
typealias ItemsReference = UnsafeMutablePointer<ItemsObject>
typealias BoxReference = UnsafeMutablePointer<BoxObject>
typealias EnvironmentReference = UnsafeMutablePointer<EnvironmentObject>
typealias TextReference = UnsafeMutablePointer<TextObject>

/// An immutable string: UTF-8 at `bytes`, either directly behind this header or inside the shared `buffer`.
struct StringObject {
    var header: ObjectHeader
    var count: Int
    var bytes: UnsafeMutablePointer<UInt8>
    /// The object that owns `bytes`; nil when they follow this header.
    var buffer: TextReference?
}

/// A growing buffer that strings share: `a + b` appends in place when `a` ends where the buffer is filled
/// up to, so a loop that appends is linear. Bytes follow the header.
struct TextObject {
    var header: ObjectHeader
    var used: Int
    var capacity: Int
}

/// An array; scripts cannot change one, so all variables that hold it share it.
struct ArrayObject {
    var header: ObjectHeader
    var count: Int
    var items: UnsafeMutablePointer<Value>
    /// The object that owns `items`; nil when they follow this header.
    var buffer: ItemsReference?
}

/// A growing buffer that arrays share, as `TextObject` is for strings; values follow the header.
struct ItemsObject {
    var header: ObjectHeader
    var used: Int
    var capacity: Int
}

/// A record (`header.index` = shape), an instance or a session (`header.index` = class): `count` values
/// follow. `owner` is the session of an instance, null for the others.
struct FieldsObject {
    var header: ObjectHeader
    var count: Int
    var owner: Value
}

/// A function value: a prototype (`header.index`) and, for a bound method, its `this` (else null).
struct FunctionObject {
    var header: ObjectHeader
    var receiver: Value
    /// For an anonymous suggestion the array of the environments it captured; for one that the library made
    /// the array of what it was made from; else null.
    var captures: Value
    /// The class in whose code an anonymous suggestion was created, negative if none.
    var classIndex: Int
    // Then come as many boxes as the prototype says, each null until it was looked up. The captured environments
    // keep them alive.
}

/// A variable that outlives its scope. `header.index` is 1 for a constant.
struct BoxObject {
    var header: ObjectHeader
    var value: Value
}

/// The variables of a captured scope: pairs of a cell's number and a box.
struct EnvironmentObject {
    var header: ObjectHeader
    var count: Int
    /// As an array's: the pairs lie there one behind the other, the number as a value without a tag.
    var buffer: ItemsReference?
}

extension UnsafeMutablePointer<FieldsObject> {
    /// The field values, behind the header.
    @inline(__always)
    var values: UnsafeMutablePointer<Value> {
        UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: Value.self)
    }
}

extension UnsafeMutablePointer<FunctionObject> {
    /// The boxes of captured variables that were looked up, behind the header.
    @inline(__always)
    var boxes: UnsafeMutablePointer<BoxReference?> {
        UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: BoxReference?.self)
    }
}

extension UnsafeMutablePointer<ItemsObject> {
    /// The values, behind the header.
    @inline(__always)
    var items: UnsafeMutablePointer<Value> {
        UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: Value.self)
    }
}

extension UnsafeMutablePointer<TextObject> {
    /// The bytes, behind the header.
    @inline(__always)
    var bytes: UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: UInt8.self)
    }
}
