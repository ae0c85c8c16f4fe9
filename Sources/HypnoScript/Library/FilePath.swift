/// A path taken apart by its text alone, however long it is.
struct FilePath {
    private let call: BuiltinCall
    /// The path without slashes at its end.
    private let trimmed: UnsafeBufferPointer<UInt8>

    init(_ call: BuiltinCall, _ path: UnsafeBufferPointer<UInt8>) throws(Raised) {
        self.call = call
        trimmed = try call.withoutSlashes(path)
    }

    /// The last component; nil where it names nothing, as in `/` and `..`.
    private func name() throws(Raised) -> UnsafeBufferPointer<UInt8>? {
        let start = try call.lastPlace(of: UInt8(ascii: "/"), in: trimmed).map { $0 + 1 } ?? 0
        let last = trimmed.part(start..<trimmed.count)
        return last.isEmpty || last.count == 2 && last.elementsEqual("..".utf8) ? nil : last
    }

    /// What follows the last point of the name; nil without one, and for a name that begins with its only
    /// point.
    func fileExtension() throws(Raised) -> UnsafeBufferPointer<UInt8>? {
        guard let name = try name(), let point = try point(in: name) else { return nil }
        return name.part(point + 1..<name.count)
    }

    /// The name without its extension.
    func stem() throws(Raised) -> UnsafeBufferPointer<UInt8>? {
        guard let name = try name() else { return nil }
        return name.part(0..<(try point(in: name) ?? name.count))
    }

    /// The path without its last component; nil where there is none to take away, empty without a slash.
    func parent() throws(Raised) -> UnsafeBufferPointer<UInt8>? {
        guard !trimmed.isEmpty else { return nil }
        guard let slash = try call.lastPlace(of: UInt8(ascii: "/"), in: trimmed) else {
            return trimmed.part(0..<0)
        }
        let parent = try call.withoutSlashes(trimmed.part(0..<slash))
        return parent.isEmpty ? trimmed.part(0..<1) : parent
    }

    private func point(in name: UnsafeBufferPointer<UInt8>) throws(Raised) -> Int? {
        let point = try call.lastPlace(of: UInt8(ascii: "."), in: name)
        return point == 0 ? nil : point
    }
}

extension BuiltinCall {
    /// A path without slashes at its end.
    func withoutSlashes(_ path: UnsafeBufferPointer<UInt8>) throws(Raised) -> UnsafeBufferPointer<UInt8> {
        var end = path.count
        while end > 0, path[end - 1] == UInt8(ascii: "/") {
            if end & 0xFFFF == 0 { try charge(0x4000) }
            end -= 1
        }
        return path.part(0..<end)
    }

    /// Where a byte is found last.
    fileprivate func lastPlace(
        of byte: UInt8, in text: UnsafeBufferPointer<UInt8>
    ) throws(Raised) -> Int? {
        var place = text.count - 1
        while place >= 0, text[place] != byte {
            if place & 0xFFFF == 0 { try charge(0x4000) }
            place -= 1
        }
        return place < 0 ? nil : place
    }
}
