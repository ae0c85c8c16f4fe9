import Database
package import SQL

/// A named statement of the configuration with its parameters and what it gives back.
package struct RepositoryMethod: Sendable, Hashable {
    /// What one `?` is bound to.
    package struct Parameter: Sendable, Hashable {
        /// The name of the argument.
        package let name: String
        /// Whether the argument is searched for anywhere in a text: between wildcards, its own ones escaped.
        package let isSearched: Bool

        /// `name`, or `%name%`.
        package init(_ text: String) {
            isSearched = text.count > 2 && text.hasPrefix("%") && text.hasSuffix("%")
            name = isSearched ? String(text.dropFirst().dropLast()) : text
        }
    }

    package enum Returns: Sendable, Hashable {
        /// Whether any row was changed.
        case boolean
        /// The first row, null where there is none.
        case one(String)
        case many(String)

        /// `boolean`, `Script`, `Script[]`.
        package init(_ text: String) {
            switch text {
            case "boolean": self = .boolean
            case _ where text.hasSuffix("[]"): self = .many(String(text.dropLast(2)))
            default: self = .one(text)
            }
        }
    }

    /// `ScriptRepository.findByName`.
    package let name: String
    /// In the database's own words, with `?` for each parameter.
    package let statement: String
    package let parameters: [Parameter]
    package let returns: Returns
    /// What its repository is about.
    package let entity: String
    package let writes: Bool

    /// - Parameter statement: in portable words. One that inserts and is to give back what it made says
    ///   RETURNING without having written it.
    /// - Throws: what the database has no words for.
    package init(
        name: String, statement: String, parameters: [String], returns: String, entity: String,
        dialect: any Dialect
    ) throws(PortabilityError) {
        let first = Statement(statement).firstWord
        let returns = Returns(returns)
        var text = try dialect.rewrite(statement)
        while text.last?.isWhitespace ?? false || text.last == ";" { text.removeLast() }
        let saysReturning = text.uppercased().contains("RETURNING")
        if returns != .boolean, first == "INSERT", !saysReturning { text += " RETURNING *" }
        self.name = name
        self.statement = text
        self.parameters = parameters.map(Parameter.init)
        self.returns = returns
        self.entity = entity
        writes = !["SELECT", "VALUES"].contains(first)
    }

    /// The names of the arguments, each once, in the order in which they are first bound.
    package var argumentNames: [String] {
        parameters.reduce(into: []) { names, parameter in
            if !names.contains(parameter.name) { names.append(parameter.name) }
        }
    }
}
