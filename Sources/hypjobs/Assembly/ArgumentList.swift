import JobEngine

/// Arguments as a person types them.
enum ArgumentList {
    /// `name=value` words as one JSON object: a value that is JSON is taken as it is, any other as text.
    static func object(_ words: [String]) throws -> JSON {
        var members: [JSON.Member] = []
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                throw Failure(
                    .usage, CommandCode.invalidInput, "Expected name=value, found '\(word)'",
                    help: #"for example count=3, name=Ada or 'readings=[1, 2.5]'"#
                ).thrown
            }
            let name = String(word[..<equals])
            let text = String(word[word.index(after: equals)...])
            guard !members.contains(where: { $0.key == name }) else {
                throw Failure(.usage, CommandCode.invalidInput, "Argument '\(name)' is given twice").thrown
            }
            members.append(JSON.Member(name, value(text)))
        }
        return .object(members)
    }

    private static func value(_ text: String) -> JSON {
        do {
            return try JSON(parsing: text)
        } catch {
            // Not JSON, so it is the text itself: name=Ada needs no quotes.
            return .string(text)
        }
    }
}
