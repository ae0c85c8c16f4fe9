/// A value on the border of a script: an argument going in or the result coming out.
package indirect enum ScriptValue: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([ScriptValue])
    /// In the order of the source; inside the script it is a record whose fields are read with `.`.
    case object([(String, ScriptValue)])
}

extension ScriptValue: Equatable {
    package static func == (left: ScriptValue, right: ScriptValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.unicodeScalars.elementsEqual(right.unicodeScalars)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        default: false
        }
    }
}
