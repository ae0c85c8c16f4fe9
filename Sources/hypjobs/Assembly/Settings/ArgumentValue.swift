import HypConfig

/// A value that a job gives to its script: what JSON can say, with whole numbers kept exact.
indirect enum ArgumentValue: Sendable, Hashable {
    /// A named value; order is kept.
    struct Field: Sendable, Hashable {
        var name: String
        var value: ArgumentValue
    }

    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case list([ArgumentValue])
    case object([Field])
}

extension ConfigKind where Value == [ArgumentValue.Field] {
    /// A block of any shape.
    static var arguments: ConfigKind {
        ConfigKind("a block of values", placeholder: [], spell: { $0.isEmpty ? "{}" : "{ … }" }) {
            node throws(ConfigMismatch) in
            guard case .object(let fields) = try ArgumentValue(node) else {
                throw .expected("a block of values", at: node)
            }
            return fields
        }
    }
}

extension ArgumentValue {
    /// Recurses as deep as the configuration is nested, which its parser limits.
    fileprivate init(_ node: ConfigNode) throws(ConfigMismatch) {
        switch node.value {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = .integer(integer)
        case .double(let double): self = .double(double)
        case .text(let text): self = .text(text)
        case .array(let nodes):
            var elements: [ArgumentValue] = []
            for node in nodes { elements.append(try ArgumentValue(node)) }
            self = .list(elements)
        case .object(let object):
            var fields: [Field] = []
            for entry in object.entries {
                fields.append(Field(name: entry.key, value: try ArgumentValue(entry.node)))
            }
            self = .object(fields)
        case .environment:
            throw ConfigMismatch(
                code: SettingsCode.secretArgument,
                predicate: "must not hold \(node.shown): arguments are stored",
                node: node, help: "keep secrets out of arguments; whoever may see an execution sees them")
        }
    }
}
