import Database
import Effects
package import HypnoScript
import SQL
import SourceText

/// The methods of all repositories, by name.
package struct RepositoryCatalogue: Sendable {
    private let methods: [String: RepositoryMethod]

    package init(_ methods: [RepositoryMethod] = []) {
        self.methods = Dictionary(methods.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// By name.
    package var all: [RepositoryMethod] { methods.values.sorted { $0.name < $1.name } }

    /// - Throws: `JobEngineError.unknownMethod` with the nearest name.
    package func method(_ name: String) throws(JobEngineError) -> RepositoryMethod {
        if let method = methods[name] { return method }
        let nearest = Spelling.nearest(name, among: methods.keys.sorted())
        throw JobEngineError(
            .unknownMethod, "No repository has the method '\(name)'",
            help: nearest.map { "did you mean '\($0)'?" } ?? "'hypjobs repo list' shows all of them")
    }
}

extension RepositoryMethod {
    /// The values that its markers are bound to.
    ///
    /// - Parameter arguments: an array in the order of `argumentNames`, or an object by their names; null
    ///   where there are none.
    /// - Throws: `JobEngineError.invalidArguments` for one that is missing or that nobody asked for.
    func bindings(_ arguments: ScriptValue) throws(JobEngineError) -> [SQLValue] {
        let names = argumentNames
        var byName: [String: ScriptValue] = [:]
        switch arguments {
        case .null: break
        case .array(let values):
            guard values.count == names.count else {
                throw wrong("takes \(names.count) arguments, found \(values.count)")
            }
            for (name, value) in zip(names, values) { byName[name] = value }
        case .object(let fields):
            for (name, value) in fields {
                guard names.contains(name) else {
                    let nearest = Spelling.nearest(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
                    throw wrong("has no argument '\(name)'\(nearest)")
                }
                byName[name] = value
            }
        default: throw wrong("takes its arguments as an array or an object")
        }
        var bindings: [SQLValue] = []
        for parameter in parameters {
            guard let value = byName[parameter.name] else {
                throw wrong("lacks the argument '\(parameter.name)'")
            }
            bindings.append(parameter.isSearched ? try searched(value, parameter.name) : SQLValue(value))
        }
        return bindings
    }

    /// The text between wildcards, those in it taken literally.
    private func searched(_ value: ScriptValue, _ name: String) throws(JobEngineError) -> SQLValue {
        guard case .string(let text) = value else { throw wrong("searches for a text in '\(name)'") }
        // By scalars, as the database reads it: a wildcard with a combining character behind it is one.
        var escaped = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "%" || scalar == "_" { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(scalar)
        }
        return .text("%\(escaped)%")
    }

    private func wrong(_ what: String) -> JobEngineError {
        JobEngineError(.invalidArguments, "\(name) \(what)")
    }

    /// Runs it and gives back what it returns: a boolean, an object or null, an array of objects.
    ///
    /// - Parameter room: how many bytes its rows may take.
    /// - Throws: `DatabaseError.resultTooLarge`, among others.
    func run(
        _ bindings: [SQLValue], in transaction: Transaction, room: Int = .max
    ) throws -> ScriptValue {
        let result = try transaction.execute(DatabaseStatement(statement, bindings), room: room)
        try result.requireRoom(room)
        switch returns {
        case .boolean: return .bool(result.affectedRows > 0)
        case .one: return result.first.map(ScriptValue.init) ?? .null
        case .many: return .array(result.rows.map(ScriptValue.init))
        }
    }
}

extension ResultSet {
    /// Looked at before the rows become values of the language, which are larger.
    func requireRoom(_ room: Int) throws(DatabaseError) {
        var left = room
        for row in rows {
            left -= (0..<row.count).reduce(64) { $0 + 48 + row[$1].scriptBytes }
            guard left >= 0 else {
                throw DatabaseError(.resultTooLarge, "The rows take more memory than there is room for")
            }
        }
    }
}

extension ScriptValue {
    /// A row as an object by column.
    init(_ row: Row) {
        self = .object(row.columns.enumerated().map { ($1, ScriptValue(row[$0])) })
    }
}

extension JobStore {
    /// Calls a method of a repository in a transaction of its own. One that writes leaves an audit entry in
    /// it.
    package func call(
        _ name: String, _ arguments: ScriptValue, by initiator: Initiator
    ) async throws -> ScriptValue {
        let method = try repositories.method(name)
        let bindings = try method.bindings(arguments)
        guard method.writes else { return try await read { try method.run(bindings, in: $0) } }
        return try await transaction(worksInSets ? .readCommitted : .serializable) {
            [self] transaction in
            let value = try method.run(bindings, in: transaction)
            let facts: JSON = ["method": .string(name), "arguments": JSON(arguments)]
            try AuditEntry(
                action: .repositoryCalled, table: "repositories", record: nil, new: facts.text,
                initiator: initiator
            ).insert(in: transaction, effects: effects)
            return value
        }
    }
}
