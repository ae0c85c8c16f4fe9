internal import Effects
internal import SQL

/// What a column holds beside what SQLite's storage tells: the first word of its declared type.
enum ColumnKind {
    case plain, uuid, json, timestamp, boolean

    init(declaration: String?) {
        switch declaration?.split(separator: " ").first {
        case "UUID": self = .uuid
        case "JSON": self = .json
        case "TIMESTAMP": self = .timestamp
        case "BOOLEAN": self = .boolean
        default: self = .plain
        }
    }

    /// A text of the column; one that has not the form which its kind asks for stays text.
    func value(of text: UnsafeBufferPointer<UInt8>) -> SQLValue {
        switch self {
        case .uuid: if let id = UniqueID(utf8: text) { return .uuid(id) }
        case .timestamp: if let instant = Timestamp(sqlUTF8: text) { return .timestamp(instant) }
        case .json: return .json(String(decoding: text, as: UTF8.self))
        case .plain, .boolean: break
        }
        return .text(String(decoding: text, as: UTF8.self))
    }
}
