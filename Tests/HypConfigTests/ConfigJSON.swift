import HypConfig

/// Prints a configuration as the corpus spells expected trees: JSON, indented by one blank, keys in order.
enum ConfigJSON {
    static func text(_ object: ConfigObject, indentation: Int = 0) -> String {
        let entries = object.entries.map { entry in
            "\(string(entry.key)): \(text(entry.node.value, indentation: indentation + 1))"
        }
        return bracketed("{", entries, "}", indentation)
    }

    private static func text(_ value: ConfigValue, indentation: Int) -> String {
        switch value {
        case .text(let text): string(text)
        case .integer(let integer): String(integer)
        case .double(let double): "\(double)"
        case .bool(let bool): String(bool)
        case .null: "null"
        case .object(let object): text(object, indentation: indentation)
        case .array(let elements):
            bracketed("[", elements.map { text($0.value, indentation: indentation + 1) }, "]", indentation)
        case .environment(_, let secret?): string(secret.reveal())
        case .environment(let name, nil): bracketed("{", ["\"$env\": \(string(name))"], "}", indentation)
        }
    }

    private static func bracketed(_ open: String, _ items: [String], _ close: String, _ indentation: Int)
        -> String
    {
        guard !items.isEmpty else { return open + close }
        let margin = String(repeating: " ", count: indentation)
        return open + "\n" + items.map { margin + " " + $0 }.joined(separator: ",\n") + "\n" + margin + close
    }

    private static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}": quoted += "\\u0000"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
