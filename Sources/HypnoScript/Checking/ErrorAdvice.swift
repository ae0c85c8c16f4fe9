package import SourceText

/// What to do about an error of a run, as far as its text and the program tell.
package enum ErrorAdvice {
    /// One line of advice about an unknown name; nil for other errors, and where nothing is near.
    ///
    /// - Parameters:
    ///   - message: the error's text, with or without the prefix of its class.
    ///   - position: where it happened in the source.
    package static func help(
        for message: String, at position: SourcePosition, in source: SourceFile
    ) -> String? {
        guard let unknown = unknownName(in: message) else { return nil }
        var candidates = words(of: source).filter { $0 != unknown.name }
        if unknown.isVariable { candidates += Vocabulary.callableNames + Vocabulary.values.map(\.name) }
        if let nearest = Spelling.nearest(unknown.name, among: Set(candidates)) {
            return "did you mean '\(nearest)'?"
        }
        guard unknown.isVariable, !isCall(of: unknown.name, at: position, in: source) else { return nil }
        return "nothing declares '\(unknown.name)'; if it is an argument, it was not given"
    }

    /// The texts of unknown names, up to the name in quotes.
    private static let beginnings = [
        "Variable '", "Undefined tranceify type '", "Object has no field '",
    ]

    /// Those in which the name comes last.
    private static let middles = ["' has no field '", "' has no member '", "' has no static member '"]

    private static func unknownName(in message: String) -> (name: String, isVariable: Bool)? {
        // Another hint is there already.
        guard !message.contains(" — ") else { return nil }
        let text = message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? message
        for beginning in beginnings where text.hasPrefix(beginning) {
            let isVariable = beginning == "Variable '"
            guard !isVariable || text.hasSuffix("' not found") else { return nil }
            let name = text.dropFirst(beginning.count).prefix { $0 != "'" }
            return (String(name), isVariable)
        }
        for middle in middles {
            guard let range = text.firstRange(of: middle) else { continue }
            return (String(text[range.upperBound...].prefix { $0 != "'" }), false)
        }
        return nil
    }

    /// The identifiers of a program.
    private static func words(of source: SourceFile) -> [String] {
        do throws(ScriptSyntaxError) {
            let (tokens, names) = try Lexer.scan(source, singleQuotes: true)
            return Set(tokens.lazy.filter { $0.kind == .identifier }.map(\.symbol)).map { names[$0] }
        } catch {
            // A program that ran has tokens; one that somebody replaced meanwhile gives no advice.
            return []
        }
    }

    private static func isCall(
        of name: String, at position: SourcePosition, in source: SourceFile
    ) -> Bool {
        let rest = source.line(position.line).unicodeScalars.dropFirst(position.column - 1)
        return rest.first == "(" || rest.drop { $0.isWordPart }.first == "("
    }
}
