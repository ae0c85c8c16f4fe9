/// Tables as text (RFC 4180).
extension Library {
    static let csv: [Builtin] = [
        Builtin("ParseCsv") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                let rows = try CSVReader.rows(of: text, separatedBy: try call.delimiter(1), call)
                if let header = call.optional(2), header.isBoolean, !header.isTrue {
                    return try call.array(rows)
                }
                return try call.objects(rows)
            }
        },
        Builtin("CsvToString") {
            native($0, $1, $2) { call throws(Raised) in
                let rows = try call.array(0)
                return try call.csv(rows, separatedBy: try call.delimiter(1))
            }
        },
        Builtin("CsvSelectColumns") {
            native($0, $1, $2) { call throws(Raised) in
                let (rows, names) = (try call.array(0), try call.array(1))
                var selected: [Value] = []
                for row in rows {
                    try call.charge(16 + 32 * names.count)
                    let object = try call.row(row)
                    let result = try call.object(capacity: names.count)
                    for name in names where name.has(.string) {
                        guard let value = object.value(ofKey: name.utf8) else { continue }
                        try call.insert(name, value, into: result)
                    }
                    selected.append(result)
                }
                return try call.array(selected)
            }
        },
    ]
}

extension BuiltinCall {
    /// The byte between fields; a comma unless given.
    fileprivate func delimiter(_ position: Int) throws(Raised) -> UInt8 {
        guard let value = optional(position), !value.isNull else { return UInt8(ascii: ",") }
        let text = try text(position)
        guard text.count == 1, let byte = text.first else {
            if text.isEmpty { return UInt8(ascii: ",") }
            throw raise(.runtime, "CSV error: the delimiter must be one character")
        }
        return byte
    }

    /// Rows as objects with the keys of the first.
    fileprivate func objects(_ rows: [Value]) throws(Raised) -> Value {
        guard let header = rows.first?.elements else { return try array([Value]()) }
        var objects: [Value] = []
        for row in rows.dropFirst() {
            guard row.elements.count == header.count else {
                throw raise(.runtime, "CSV error: unequal row lengths")
            }
            try charge(16 + 16 * header.count)
            let object = try object(capacity: header.count)
            for (key, value) in zip(header, row.elements) { try insert(key, value, into: object) }
            objects.append(object)
        }
        return try array(objects)
    }

    /// A row that must be an object.
    fileprivate func row(_ value: Value) throws(Raised) -> Value {
        guard value.has(.record) else {
            throw raise(.type, "Builtin '\(name)' expected objects in the array at position 1")
        }
        return try object(of: value)
    }

    fileprivate func csv(
        _ rows: UnsafeBufferPointer<Value>, separatedBy delimiter: UInt8
    ) throws(Raised) -> Value {
        try text { result throws(Raised) in
            let isOfObjects = rows.first?.has(.record) ?? false
            let header = isOfObjects ? try row(rows[0]).entries.map(\.key) : []
            if isOfObjects { try append(header, to: &result, delimiter) }
            for (index, row) in rows.enumerated() {
                if isOfObjects || index > 0 { try result.append(UInt8(ascii: "\n")) }
                try charge(16)
                if isOfObjects {
                    let object = try self.row(row)
                    try append(header.map { object.value(ofKey: $0.utf8) ?? .null }, to: &result, delimiter)
                } else {
                    guard row.has(.array) else {
                        throw raise(.type, "Builtin '\(name)' expected arrays in the array at position 1")
                    }
                    try append(row.elements, to: &result, delimiter, nullText: "null")
                }
            }
        }
    }

    private func append(
        _ fields: some Collection<Value>, to result: inout TextBuilder, _ delimiter: UInt8,
        nullText: StaticString = ""
    ) throws(Raised) {
        for (index, field) in fields.enumerated() {
            if index > 0 { try result.append(delimiter) }
            try charge(16)
            if field.isNull {
                try result.append(nullText)
            } else if field.has(.string) {
                try append(field: field.utf8, to: &result, delimiter)
            } else {
                var text = TextBuilder(self)
                try text.append(printed: field)
                try append(field: text.bytes, to: &result, delimiter)
            }
        }
    }

    private func append(
        field: UnsafeBufferPointer<UInt8>, to result: inout TextBuilder, _ delimiter: UInt8
    ) throws(Raised) {
        var isQuoted = false
        try inParts(of: field.count) { part throws(Raised) in
            for index in part {
                let byte = field[index]
                if byte == delimiter || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D {
                    isQuoted = true
                }
            }
        }
        guard isQuoted else { return try result.append(field) }
        try result.append(UInt8(ascii: "\""))
        for byte in field {
            if byte == UInt8(ascii: "\"") { try result.append(byte) }
            try result.append(byte)
        }
        try result.append(UInt8(ascii: "\""))
    }
}

/// Cuts a table into rows of fields.
private struct CSVReader: ~Copyable {
    private let call: BuiltinCall
    private let delimiter: UInt8
    private var rows: [Value] = []
    private var fields: [Value] = []
    private var field: TextBuilder
    /// Whether the row has anything, a delimiter or quotation marks at least.
    private var isBegun = false

    static func rows(
        of text: UnsafeBufferPointer<UInt8>, separatedBy delimiter: UInt8, _ call: BuiltinCall
    ) throws(Raised) -> [Value] {
        var reader = CSVReader(call, delimiter)
        try reader.read(text)
        return reader.rows
    }

    private init(_ call: BuiltinCall, _ delimiter: UInt8) {
        self.call = call
        self.delimiter = delimiter
        field = TextBuilder(call)
    }

    private mutating func read(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) {
        var isQuoted = false
        var index = 0
        var looked = 0
        while index < text.count {
            if index - looked > 4096 {
                try call.charge(2048)
                looked = index
            }
            let byte = text[index]
            index += 1
            if index & 0xFFFF == 0 { try call.charge(0x2000) }
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    try field.append(byte)
                } else if index < text.count, text[index] == byte {
                    try field.append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
            } else if byte == UInt8(ascii: "\""), field.count == 0 {
                (isQuoted, isBegun) = (true, true)
            } else if byte == delimiter {
                try endField()
            } else if byte == 0x0A || byte == 0x0D {
                try endRow()
            } else {
                try field.append(byte)
            }
        }
        try endRow()
    }

    private mutating func endField() throws(Raised) {
        fields.append(try call.string(field.bytes))
        field.removeAll()
        try call.charge(32)
        isBegun = true
    }

    /// A blank line is no row.
    private mutating func endRow() throws(Raised) {
        guard isBegun || field.count > 0 else { return }
        try endField()
        if rows.count == rows.capacity { try call.reserve(rows.count * 24) }
        rows.append(try call.array(fields))
        fields.removeAll(keepingCapacity: true)
        isBegun = false
        try call.charge(16)
    }
}
