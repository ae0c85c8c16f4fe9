package import HypnoScript

/// Arguments and results between JSON, in which the store keeps them, and the values of the language.
package enum ScriptArguments {
    /// The arguments of an execution, in their order: a JSON object whose keys are the names of variables.
    package static func values(of text: String) throws(JobEngineError) -> [(String, ScriptValue)] {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw JobEngineError(
                .invalidArguments, "Arguments are not JSON: \(error.message) at column \(error.column)")
        }
        return try values(of: json)
    }

    package static func values(of json: JSON) throws(JobEngineError) -> [(String, ScriptValue)] {
        try members(of: json).map { ($0.key, ScriptValue($0.value)) }
    }

    /// Throws when this cannot be the arguments of an execution.
    package static func check(_ json: JSON) throws(JobEngineError) {
        _ = try members(of: json)
    }

    private static func members(of json: JSON) throws(JobEngineError) -> [JSON.Member] {
        guard case .object(let members) = json else {
            throw JobEngineError(
                .invalidArguments, "Arguments are a JSON object, found \(json.kind)",
                help: #"for example {"name": "Ada", "count": 3}"#)
        }
        guard !members.contains(where: { $0.key == "result" }) else {
            throw JobEngineError(
                .invalidArguments, "An argument cannot be called 'result'",
                help: "that variable is where a program leaves its result; rename the argument")
        }
        return members
    }

    /// The JSON text of a result; nil for null, the result of a program that sets none.
    package static func text(of result: ScriptValue) -> String? {
        if case .null = result { return nil }
        return JSON(result).text
    }
}

extension ScriptValue {
    /// Numbers become doubles: an integer beyond 2⁵³ is rounded inside the script, never in the store.
    package init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let literal): self = .number(Double(literal) ?? .nan)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map(ScriptValue.init))
        case .object(let members): self = .object(members.map { ($0.key, ScriptValue($0.value)) })
        }
    }
}

extension JSON {
    package init(_ value: ScriptValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .double(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map(JSON.init))
        case .object(let fields): self = .object(fields.map { Member($0.0, JSON($0.1)) })
        }
    }

    /// What a person calls this kind of value.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
