/// Tables as text (RFC 4180).
extension Library {
    static let csv: [Builtin] = [
        Builtin("ParseCsv") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.workingText()
                try call.reserve(text.count * 4)
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
                    try call.charge(names.count)
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
        var bytes: [UInt8] = []
        let isOfObjects = rows.first?.has(.record) ?? false
        let header = isOfObjects ? try row(rows[0]).entries.map(\.key) : []
        if isOfObjects { try append(header, to: &bytes, delimiter) }
        for (index, row) in rows.enumerated() {
            if isOfObjects || index > 0 { bytes.append(0x0A) }
            try reserve(bytes.count * 2)
            try charge(1)
            if isOfObjects {
                let object = try self.row(row)
                try append(header.map { object.value(ofKey: $0.utf8) ?? .null }, to: &bytes, delimiter)
            } else {
                guard row.has(.array) else {
                    throw raise(.type, "Builtin '\(name)' expected arrays in the array at position 1")
                }
                try append(Array(row.elements), to: &bytes, delimiter, nullText: "null")
            }
        }
        return try string(bytes)
    }

    private func append(
        _ fields: [Value], to bytes: inout [UInt8], _ delimiter: UInt8, nullText: String = ""
    ) throws(Raised) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(delimiter) }
            var text: [UInt8] = []
            if field.isNull { text = Array(nullText.utf8) } else { try print(field, to: &text) }
            let isQuoted = text.contains {
                $0 == delimiter || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
            }
            if isQuoted { bytes.append(UInt8(ascii: "\"")) }
            for byte in text {
                if isQuoted, byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        }
    }
}

/// Cuts a table into rows of fields.
private struct CSVReader {
    private let call: BuiltinCall
    private let delimiter: UInt8
    private var rows: [Value] = []
    private var fields: [Value] = []
    private var field: [UInt8] = []
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
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    field.append(byte)
                } else if index < text.count, text[index] == byte {
                    field.append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
            } else if byte == UInt8(ascii: "\""), field.isEmpty {
                (isQuoted, isBegun) = (true, true)
            } else if byte == delimiter {
                try endField()
            } else if byte == 0x0A || byte == 0x0D {
                try endRow()
            } else {
                field.append(byte)
            }
        }
        try endRow()
    }

    private mutating func endField() throws(Raised) {
        fields.append(try call.string(field))
        field = []
        isBegun = true
    }

    /// A blank line is no row.
    private mutating func endRow() throws(Raised) {
        guard isBegun || !field.isEmpty else { return }
        try endField()
        rows.append(try call.array(fields))
        fields = []
        isBegun = false
        try call.charge(1)
    }
}
