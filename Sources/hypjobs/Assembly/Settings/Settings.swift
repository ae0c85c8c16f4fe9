import HypConfig

/// Everything that the configuration says, as plain values: what the engine is assembled from.
///
/// No part of the program but this folder sees a configuration tree. A key exists because an initialiser
/// here reads it.
struct Settings: Sendable {
    /// The database that holds scripts, executions and everything about them.
    var database: DatabaseSettings
    /// How many connections are kept, and for how long.
    var pool: PoolSettings
    /// How transactions run, and the templates that jobs run by.
    var transactions: TransactionSettings
    /// Where the history of the schema is kept and where migrations are found.
    var migrationHistory: MigrationHistorySettings
    /// The migrations, by ascending version.
    var migrations: [MigrationSource]
    /// What each connection remembers of the statements it has seen.
    var preparedStatements: PreparedStatementSettings
    /// How a worker claims and runs executions.
    var worker: WorkerSettings
    /// What single scripts may do and use.
    var scripts: [ScriptSettings]
    /// The methods of all repositories.
    var repositoryMethods: [RepositoryMethodSettings]
    /// The limits of queues, each named once.
    var queues: [QueueSettings]
    /// The scripts of the installation and the jobs that run them.
    var jobs: JobSettings
}

extension Settings {
    /// Reads every block there is.
    ///
    /// - Parameters:
    ///   - operations: the names of the operations that the engine can perform as steps.
    ///   - project: relative paths of the configuration begin here.
    init(reading reader: inout ConfigReader, operations: [String], project: ProjectDirectory) {
        database = reader.requiredBlock(
            "database", "The database; exactly one driver.", example: DatabaseSettings.example
        ) {
            DatabaseSettings(reading: &$0, project: project)
        }
        let database = self.database
        pool = reader.block("connection_pooling", "Connections to the database.") {
            PoolSettings(reading: &$0, of: database)
        }
        transactions = reader.block("transactions", "Transactions and their templates.") {
            TransactionSettings(reading: &$0, operations: operations)
        }
        migrationHistory = reader.block("migrations", "The history of the schema.") {
            MigrationHistorySettings(reading: &$0)
        }
        migrations = MigrationSource.inline(in: &reader)
        preparedStatements = reader.block("database_optimization", "How statements are made fast.") {
            PreparedStatementSettings(readingOptimization: &$0)
        }
        worker = reader.block("worker", "The process that runs jobs.") {
            WorkerSettings(reading: &$0, project: project)
        }
        scripts = reader.table("scripts", "What one script may do and use.") { name, script in
            ScriptSettings(name: name, rules: BoxSettings.rules(reading: &script, project: project))
        }
        repositoryMethods = RepositoryMethodSettings.all(in: &reader, dialect: database.dialect)
        queues = reader.table("queues", "The limits of a queue.") { name, queue in
            QueueSettings(name: name, reading: &queue)
        }
        var templates = transactions.templates.map(\.name)
        if !templates.contains("executeScript") { templates.append("executeScript") }
        jobs = reader.block("jobs", "Scripts and job definitions.") {
            JobSettings(reading: &$0, templates: templates, project: project)
        }
        Self.declareFutureBlocks(in: &reader)
    }

    private static func declareFutureBlocks(in reader: inout ConfigReader) {
        reader.notYet(
            "transaction_examples",
            help: "write what the transaction does as a script, or as steps of a template in 'transactions'")
        reader.notYet("entities", help: "tables are defined by migrations today; remove the block")
    }
}
