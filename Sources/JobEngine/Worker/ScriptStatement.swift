import Database
import Effects
import HypnoScript
import SQL
import SourceText

/// A statement that a script sends: one that reads or changes rows, and nothing else.
struct ScriptStatement: Sendable {
    private let statement: DatabaseStatement

    /// - Throws: `refused` for several statements, and for those that change the schema, the transaction or
    ///   the session, which are not the script's.
    init(
        _ text: String, _ parameters: [ScriptValue], dialect: any Dialect
    ) throws(ScriptDatabaseError) {
        let parts: [String]
        do { parts = try StatementSplitter.statements(of: text) } catch {
            throw .refused("The statement is no SQL: \(error)")
        }
        guard let only = parts.first, parts.count == 1 else {
            throw .refused("A script sends one statement at a time, found \(parts.count)")
        }
        let words: String
        do { words = try dialect.rewrite(only) } catch { throw .refused(error.message) }
        statement = DatabaseStatement(words, parameters.map(SQLValue.init))
        guard statement.isAboutRows else {
            throw .refused(
                "A script's statement begins with SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, REPLACE or "
                    + "MERGE, found '\(statement.firstWord)'")
        }
        try Self.requireRows(only, statement.firstWord)
    }

    /// SELECT … INTO makes a table, and `set_config` changes the session for whoever has it next.
    private static func requireRows(_ text: String, _ first: String) throws(ScriptDatabaseError) {
        let bytes = Array(text.utf8)
        let tokens: [SQLToken]
        do { tokens = try SQLTokenizer.tokens(of: text) } catch {
            throw .refused("The statement is no SQL: \(error)")
        }
        for token in tokens where token.kind == .word {
            let word = String(decoding: bytes[token.range], as: UTF8.self).uppercased()
            if word == "SET_CONFIG" {
                throw .refused("The session is not a script's to change: 'set_config'")
            }
            if word == "INTO", first == "SELECT" {
                throw .refused("A script makes no tables: 'SELECT … INTO'")
            }
        }
    }

    func rows(in transaction: Transaction, room: Int) throws -> ScriptSession.Answer {
        let result = try transaction.execute(statement, room: room)
        try result.requireRoom(room)
        return .rows(result.rows.map(ScriptValue.init))
    }

    func count(in transaction: Transaction) throws -> ScriptSession.Answer {
        // Rows that nobody asked for are not kept: a statement that gives many belongs into a query.
        do {
            return .count(try transaction.execute(statement, room: Self.unwantedBytes).affectedRows)
        } catch  where error.code == .resultTooLarge {
            return .refused("The statement gives rows: use DatabaseQuery")
        }
    }

    private static let unwantedBytes = 1 << 20
}

extension SQLValue {
    /// Whole numbers as such, arrays and objects as JSON.
    init(_ value: ScriptValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let number):
            if let whole = Int64(exactly: number), whole.magnitude <= 1 << 53 {
                self = .integer(whole)
            } else {
                self = .double(number)
            }
        case .string(let text): self = .text(text)
        case .array, .object: self = .json(JSON(value).text)
        }
    }
}

extension SQLValue {
    /// About how many bytes the value takes in a script's memory.
    var scriptBytes: Int {
        switch self {
        case .null, .bool, .integer, .double, .timestamp, .uuid: 64
        case .decimal(let text), .text(let text): 24 + text.utf8.count
        // What a text of JSON unfolds to.
        case .json(let text): 24 + 16 * text.utf8.count
        case .blob(let bytes): 32 + 16 * bytes.count
        case .array(let elements): elements.reduce(32) { $0 + $1.scriptBytes }
        }
    }
}

extension ScriptValue {
    /// Whole numbers that a number of the language does not hold exactly are text, and so are identifiers and
    /// instants; JSON is the value that it says.
    init(_ value: SQLValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer(let whole):
            self = whole.magnitude <= 1 << 53 ? .number(Double(whole)) : .string(String(whole))
        case .double(let number): self = .number(number)
        case .decimal(let text):
            let isWhole = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
            if let number = Double(text), !isWhole || number.magnitude <= 0x1p53 {
                self = .number(number)
            } else {
                self = .string(text)
            }
        case .text(let text): self = .string(text)
        case .timestamp(let instant): self = .string(instant.sqlText)
        case .uuid(let id): self = .string(id.description)
        case .json(let text):
            do { self = ScriptValue(try JSON(parsing: text)) } catch { self = .string(text) }
        case .blob(let bytes): self = .array(bytes.map { .number(Double($0)) })
        case .array(let elements): self = .array(elements.map(ScriptValue.init))
        }
    }

}

extension EnqueueRequest {
    /// The request that a script makes: its options are called as those of the command line.
    init(
        script: String, arguments: ScriptValue, options: ScriptValue, now: Timestamp
    ) throws(JobEngineError) {
        self.init(script: script)
        if arguments != .null {
            let json = JSON(arguments)
            try ScriptArguments.check(json)
            self.arguments = json.text
        }
        switch options {
        case .null: return
        case .object(let fields): for (name, value) in fields { try set(name, to: value, now: now) }
        default: throw Self.wrong("The options of EnqueueScript are an object")
        }
    }

    private mutating func set(
        _ name: String, to value: ScriptValue, now: Timestamp
    ) throws(JobEngineError) {
        switch (name, value) {
        case (_, .null): return
        case ("queue", .string(let text)): queue = text
        case ("unique_key", .string(let text)): uniqueKey = text
        case ("key", .string(let text)): concurrencyKey = text
        case ("template", .string(let text)): template = text
        case ("priority", .number(let number)): priority = try Self.whole(name, number)
        case ("max_attempts", .number(let number)): maxAttempts = try Self.whole(name, number)
        case ("version", .number(let number)): version = try Self.whole(name, number)
        case ("delay_seconds", .number(let number)) where number >= 0 && number <= 1e9:
            runAt = now + .milliseconds(Int64((number * 1000).rounded()))
        case ("unique", .string(let text)):
            guard let mode = UniqueMode(rawValue: text) else {
                throw Self.wrong("The option 'unique' is skip, replace or reschedule")
            }
            uniqueMode = mode
        default:
            guard Self.options.contains(name) else {
                let nearest = Spelling.nearest(name, among: Self.options).map { "; did you mean '\($0)'?" }
                throw Self.wrong("EnqueueScript has no option '\(name)'\(nearest ?? "")")
            }
            throw Self.wrong("The option '\(name)' of EnqueueScript has a value that it cannot have")
        }
    }

    private static let options = [
        "queue", "unique_key", "unique", "key", "template", "priority", "max_attempts", "version",
        "delay_seconds",
    ]

    private static func whole(_ name: String, _ number: Double) throws(JobEngineError) -> Int {
        guard let whole = Int(exactly: number) else {
            throw wrong("The option '\(name)' of EnqueueScript is a whole number")
        }
        return whole
    }

    private static func wrong(_ message: String) -> JobEngineError {
        JobEngineError(.invalidRequest, message)
    }
}
