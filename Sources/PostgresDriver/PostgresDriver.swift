package import Database
package import SQL

/// PostgreSQL through libpq.
package struct PostgresDriver: DatabaseDriver {
    package let dialect: any Dialect = PostgreSQLDialect()
    private let configuration: PostgresConfiguration

    package init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
    }

    package func connect(for purpose: ConnectionPurpose) throws(DatabaseError) -> any DatabaseConnection {
        var configuration = configuration
        if purpose == .reading { configuration.isReadOnly = true }
        return try PostgresConnection(configuration)
    }
}
