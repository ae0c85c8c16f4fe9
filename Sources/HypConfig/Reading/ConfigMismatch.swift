package import SourceText

/// Why a value does not fit its key. The reader adds which key, and turns it into a diagnostic at the value.
package struct ConfigMismatch: Error, Sendable {
    /// What kind of problem it is.
    package var code: DiagnosticCode
    /// The rest of a sentence that begins with the quoted key: `must be true or false, found 1`.
    package var predicate: String
    /// What follows the key when only an element of its list is meant: `[2]`.
    var element = ""
    /// Where: the value itself, or an element of it.
    package var node: ConfigNode
    /// What to do about it.
    package var help: String?
    /// What the text at `node` is probably meant to be.
    var guess: Spelling.Guess?

    package init(
        code: DiagnosticCode, predicate: String, node: ConfigNode, help: String? = nil,
        guess: Spelling.Guess? = nil
    ) {
        self.guess = guess
        self.code = code
        self.predicate = predicate
        self.node = node
        self.help = help
    }

    /// A value of another kind than expected: `a whole number`, `true or false`.
    package static func expected(_ expectation: String, at node: ConfigNode, help: String? = nil)
        -> ConfigMismatch
    {
        ConfigMismatch(
            code: ConfigMeaningCode.wrongType, predicate: "must be \(expectation), found \(node.shown)",
            node: node, help: help)
    }
}

extension ConfigNode {
    /// The value as a message may show it: never what the environment says, and no more of a text than
    /// identifies it.
    package var shown: String {
        switch value {
        case .text(let text): "the text \(Self.excerpt(of: text))"
        case .integer(let integer): String(integer)
        case .double(let double): String(double)
        case .bool(let bool): String(bool)
        case .null: "null"
        case .object: "a block"
        case .array: "a list"
        case .environment(let name, _): "env.\(name)"
        }
    }

    /// Whether it is a number or a truth value, which quotes would turn into a text.
    var isPlain: Bool {
        switch value {
        case .integer, .double, .bool: true
        case .text, .null, .object, .array, .environment: false
        }
    }

    private static func excerpt(of text: String) -> String {
        let firstLine = text.prefix { !$0.isNewline }
        let shown = firstLine.prefix(40)
        return shown.count < text.count ? "\"\(shown)…\"" : "\"\(shown)\""
    }
}
