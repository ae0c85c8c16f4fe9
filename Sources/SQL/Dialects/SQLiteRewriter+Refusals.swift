extension SQLiteRewriter {
    /// Refuses statements that SQLite has no counterpart for.
    func refuseStatement() throws(PortabilityError) {
        guard let first = lexemes.first else { return }
        let objects = lexemes.dropFirst().prefix(3).map(\.keyword)
        switch first.keyword {
        case "CREATE", "DROP", "ALTER":
            for object in objects {
                if let reason = Self.refusedObjects[object] { throw refusal(first, reason) }
                if ["TABLE", "INDEX", "VIEW", "TRIGGER"].contains(object) { break }
            }
        case "TRUNCATE": throw refusal(first, "SQLite has no TRUNCATE; use DELETE FROM")
        case "GRANT", "REVOKE": throw refusal(first, "SQLite has no users and no permissions")
        case "COMMENT": throw refusal(first, "SQLite has no COMMENT ON")
        case "MERGE": throw refusal(first, "SQLite has no MERGE; use INSERT … ON CONFLICT")
        default: break
        }
    }

    /// Refuses the piece at hand when SQLite has no counterpart for it.
    func refuseLexeme() throws(PortabilityError) {
        let lexeme = lexemes[index]
        switch lexeme.kind {
        case .escapeString, .dollarString:
            throw refusal(lexeme, "SQLite has only strings in single quotes")
        case .symbol:
            if lexeme.text.hasPrefix("$") {
                throw refusal(lexeme, "A value is written as ?, not as \(lexeme.text)")
            }
            if let reason = Self.refusedSymbols[lexeme.text] { throw refusal(lexeme, reason) }
        case .word where !isSymbol(".", at: index - 1):
            if let reason = refusalOfWord(lexeme.keyword) { throw refusal(lexeme, reason) }
        case .word, .quotedName, .string, .number, .marker, .whitespace, .comment:
            break
        }
    }

    private func refusalOfWord(_ word: String) -> String? {
        if isSymbol("(", at: index + 1), let reason = Self.refusedCalls[word] { return reason }
        return switch (word, keyword(at: index + 1)) {
        case ("FOR", "UPDATE"), ("FOR", "SHARE"), ("FOR", "NO"), ("FOR", "KEY"):
            "SQLite has no row locks: a writing transaction has the whole database"
        case ("DISTINCT", "ON"): "SQLite has no DISTINCT ON"
        case ("FETCH", "FIRST"), ("FETCH", "NEXT"): "SQLite has no FETCH FIRST; use LIMIT"
        case ("SIMILAR", "TO"): "SQLite has no SIMILAR TO; use LIKE"
        case ("GENERATED", _)
        where keyword(at: index + 3) == "IDENTITY" || keyword(at: index + 4) == "IDENTITY":
            "SQLite has no identity columns; use a UUID"
        case ("CASCADE", _) where keyword(at: 0) == "DROP": "SQLite has no DROP … CASCADE"
        case ("CONCURRENTLY", _): "SQLite has no CONCURRENTLY"
        case ("LATERAL", _): "SQLite has no LATERAL"
        case ("LOCALTIMESTAMP", _): "SQLite has no LOCALTIMESTAMP; use NOW(), which is UTC"
        case ("USING", _) where keyword(at: 0) == "DELETE": "SQLite has no DELETE … USING; use a subquery"
        case ("USING", _) where keyword(at: 0) == "CREATE": "SQLite has one kind of index; leave out USING"
        default: nil
        }
    }

    private static let refusedObjects: [String: String] = [
        "EXTENSION": "SQLite has no extensions to create",
        "TYPE": "SQLite has no types of one's own; use TEXT with a CHECK",
        "DOMAIN": "SQLite has no domains; use a CHECK",
        "SCHEMA": "SQLite has no schemas",
        "SEQUENCE": "SQLite has no sequences; use a UUID",
        "FUNCTION": "SQLite has no stored functions",
        "PROCEDURE": "SQLite has no stored procedures",
        "MATERIALIZED": "SQLite has no materialized views",
    ]

    private static let refusedSymbols: [String: String] = [
        "::": "A cast is written as CAST(value AS type), not with ::",
        "@>": "SQLite has no operator @>",
        "<@": "SQLite has no operator <@",
        "#>": "SQLite has no operator #>; use ->",
        "#>>": "SQLite has no operator #>>; use ->>",
        "~*": "SQLite has no regular expressions; use LIKE",
        "!~": "SQLite has no regular expressions; use LIKE",
        "!~*": "SQLite has no regular expressions; use LIKE",
    ]

    private static let refusedCalls: [String: String] = [
        "ANY": "SQLite has no arrays; use IN (…)",
        "UNNEST": "SQLite has no arrays; use json_each",
        "EXTRACT": "SQLite has no EXTRACT; use DATE_TRUNC or compare instants",
        "TO_CHAR": "SQLite has no TO_CHAR",
        "GENERATE_SERIES": "SQLite has no GENERATE_SERIES",
        "STRING_AGG": "SQLite has no STRING_AGG; use GROUP_CONCAT",
        "JSONB_BUILD_OBJECT": "SQLite has no JSONB_BUILD_OBJECT; use JSON_OBJECT",
        "AGE": "SQLite has no AGE; subtract instants in the program",
    ]
}
