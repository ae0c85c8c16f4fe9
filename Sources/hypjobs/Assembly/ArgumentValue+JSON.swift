import JobEngine

extension JSON {
    /// The arguments of a job definition.
    init(_ fields: [ArgumentValue.Field]) {
        self = .object(fields.map { Member($0.name, JSON($0.value)) })
    }

    private init(_ value: ArgumentValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .text(let text): self = .string(text)
        case .list(let elements): self = .array(elements.map(JSON.init))
        case .object(let fields): self = JSON(fields)
        }
    }
}
