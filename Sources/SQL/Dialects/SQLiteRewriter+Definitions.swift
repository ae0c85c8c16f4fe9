extension SQLiteRewriter {
    private static let dialect = SQLiteDialect()

    private static let tableConstraints: Set<String> = [
        "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN",
    ]

    /// `CREATE TABLE name (column type …, constraint …)`; without the parenthesis it is a CREATE TABLE AS.
    mutating func rewriteCreateTable() throws(PortabilityError) {
        while index < lexemes.count, !isSymbol("(", at: index), keyword(at: index) != "AS" {
            try rewriteNext()
        }
        guard isSymbol("(", at: index) else { return try rewriteExpressions(until: lexemes.count) }
        let close = try closing(of: index)
        copy()
        while index < close {
            let end = try itemEnd(before: close)
            if Self.tableConstraints.contains(keyword(at: index)) {
                try rewriteExpressions(until: end)
            } else {
                try rewriteColumn(until: end, isAdded: false)
            }
            if index < close { copy() }
        }
        copy()
        try rewriteExpressions(until: lexemes.count)
    }

    /// `ALTER TABLE name ADD COLUMN column type …` and what else SQLite can do.
    mutating func rewriteAlterTable() throws(PortabilityError) {
        copy()
        copy()
        while index < lexemes.count, !["ADD", "DROP", "RENAME", "ALTER"].contains(keyword(at: index)) {
            try rewriteNext()
        }
        switch (keyword(at: index), keyword(at: index + 1)) {
        case ("ADD", "COLUMN"):
            copy()
            fallthrough
        case ("ADD", _):
            if Self.tableConstraints.contains(keyword(at: index + 1)) {
                throw refusal(lexemes[index], "SQLite cannot add a constraint to a table that exists")
            }
            copy()
            let end = try itemEnd(before: lexemes.count)
            try rewriteColumn(until: end, isAdded: true)
            if index < lexemes.count {
                throw refusal(lexemes[index], "SQLite makes one change to a table at a time")
            }
        case ("DROP", "CONSTRAINT"), ("ALTER", _):
            throw refusal(lexemes[index], "SQLite cannot change a column or constraint that exists")
        default:
            try rewriteExpressions(until: lexemes.count)
        }
    }

    /// The place of the comma that ends a definition, or the end given.
    private func itemEnd(before end: Int) throws(PortabilityError) -> Int {
        var place = index
        while place < end, !isSymbol(",", at: place) {
            place = isSymbol("(", at: place) ? try closing(of: place) + 1 : place + 1
        }
        return place
    }

    private mutating func rewriteColumn(until end: Int, isAdded: Bool) throws(PortabilityError) {
        copy()
        if index < end { try rewriteType() }
        var isNotNull = false
        while index < end {
            switch (keyword(at: index), keyword(at: index + 1)) {
            case ("NOT", "NULL"):
                isNotNull = true
                copy()
                copy()
            case ("PRIMARY", "KEY"):
                copy()
                copy()
                // Every other database means it; SQLite lets NULL into a primary key unless told.
                if !isNotNull, !["ASC", "DESC", "ON", "AUTOINCREMENT", "NOT"].contains(keyword(at: index)) {
                    insert("NOT NULL")
                }
            case ("DEFAULT", _):
                copy()
                try rewriteDefault(isAdded: isAdded)
            default:
                try rewriteNext()
            }
        }
    }

    /// SQLite wants parentheses around a default that calls a function; ours have them already.
    private mutating func rewriteDefault(isAdded: Bool) throws(PortabilityError) {
        guard index < lexemes.count else { return }
        let isCall = lexemes[index].kind == .word && isSymbol("(", at: index + 1)
        if isAdded, isCall || keyword(at: index) == "CURRENT_TIMESTAMP" {
            throw refusal(lexemes[index], "SQLite cannot add a column whose default is not a constant")
        }
        guard isCall, !["NOW", "GEN_RANDOM_UUID"].contains(keyword(at: index)) else {
            return try rewriteNext()
        }
        let end = try closing(of: index + 1) + 1
        let lead = lexemes[index].lead
        let call = try rewritten(until: end)
        output.append(Piece(kind: .operand, lead: lead, text: "(\(call))"))
    }

    /// A type with its length and its further words becomes the type whose affinity keeps the value. A cast
    /// needs no more than the affinity.
    mutating func rewriteType(isCast: Bool = false) throws(PortabilityError) {
        guard index < lexemes.count, lexemes[index].kind == .word else { return }
        let name = lexemes[index]
        guard let type = Self.type(name.keyword) else {
            throw refusal(name, "'\(name.text)' is no column type that every database has")
        }
        let declared = Self.dialect.columnType(type)
        let affinity = declared.split(separator: " ").last.map(String.init) ?? declared
        replace(1, with: isCast ? affinity : declared, kind: .word)
        switch (name.keyword, keyword(at: index)) {
        case ("DOUBLE", "PRECISION"), ("CHARACTER", "VARYING"): index += 1
        default: break
        }
        if isSymbol("(", at: index) { index = try closing(of: index) + 1 }
        if name.keyword == "TIMESTAMP", ["WITH", "WITHOUT"].contains(keyword(at: index)),
            keyword(at: index + 1) == "TIME", keyword(at: index + 2) == "ZONE"
        {
            index += 3
        }
        if isSymbol("[", at: index) { throw refusal(lexemes[index], "SQLite has no arrays; use JSONB") }
    }

    private static func type(_ keyword: String) -> ColumnType? {
        switch keyword {
        case "TIMESTAMPTZ": .timestamp
        case "CHARACTER": .varchar
        case "BOOL": .boolean
        case "FLOAT": .double
        default: ColumnType(rawValue: keyword)
        }
    }
}
