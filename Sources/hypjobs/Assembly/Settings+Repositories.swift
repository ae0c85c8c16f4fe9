import JobEngine
import SQL

extension Settings {
    /// What the configuration's repositories can do.
    func repositories(_ dialect: any Dialect) throws -> RepositoryCatalogue {
        RepositoryCatalogue(
            try repositoryMethods.compactMap { method in
                guard let text = method.statement.text(for: dialect.name) else { return nil }
                return try RepositoryMethod(
                    name: method.name, statement: text, parameters: method.parameters,
                    returns: method.returnType, entity: method.entity, dialect: dialect)
            })
    }
}
