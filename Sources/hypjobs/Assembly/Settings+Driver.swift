import Database
import HypConfig
import PostgresDriver
import SQLiteDriver

extension Settings {
    /// The driver of the database that the configuration names.
    ///
    /// - Parameters:
    ///   - limitsStatements: whether a statement may take no longer than `statement_timeout`.
    ///   - createsDatabase: whether a missing file may be made.
    func driver(limitsStatements: Bool, createsDatabase: Bool) -> any DatabaseDriver {
        let timeout = limitsStatements ? preparedStatements.statementTimeout : nil
        let cacheSize = preparedStatements.isEnabled ? preparedStatements.capacity : 1
        switch database {
        case .sqlite(let sqlite):
            return SQLiteDriver(
                SQLiteConfiguration(
                    path: sqlite.file, createsFile: sqlite.createsFile && createsDatabase,
                    durability: sqlite.synchronous == .full ? .full : .normal,
                    busyTimeout: sqlite.busyTimeout, statementTimeout: timeout,
                    statementCacheSize: cacheSize))
        case .postgresql(let postgresql):
            return postgresDriver(postgresql.primary, statementTimeout: timeout)
        }
    }

    private func postgresDriver(
        _ server: PostgresServerSettings, statementTimeout: Duration?
    ) -> PostgresDriver {
        var configuration = PostgresConfiguration(server)
        configuration.statementTimeout = statementTimeout
        configuration.usesPreparedStatements = preparedStatements.isEnabled
        configuration.statementCacheSize = preparedStatements.isEnabled ? preparedStatements.capacity : 1
        return PostgresDriver(configuration)
    }

    /// The servers with copies; nil where there are none.
    var replicas: ReplicaConfiguration? {
        guard case .postgresql(let postgresql) = database, !postgresql.replicas.isEmpty else { return nil }
        let servers = postgresql.replicas.map { server in
            // Its connections come with the reads: between them nothing needs one.
            var pool = poolConfiguration
            pool.minConnections = 0
            pool.maxConnections = min(self.pool.maxConnections, server.maxConnections ?? .max)
            return ReplicaConfiguration.Server(
                name: PostgresConfiguration(server).place,
                driver: postgresDriver(server, statementTimeout: preparedStatements.statementTimeout),
                pool: pool)
        }
        let balancing = pool.loadBalancing
        return ReplicaConfiguration(
            servers: servers, checkInterval: balancing.healthCheckInterval,
            checkTimeout: min(.seconds(5), balancing.healthCheckInterval),
            maxStaleness: balancing.maxReplicaLag, failsOver: balancing.failsOver)
    }

    /// How many connections there are beside the one for control, and for how long.
    var poolConfiguration: PoolConfiguration {
        var most = pool.maxConnections
        if case .postgresql(let postgresql) = database {
            most = min(most, postgresql.primary.maxConnections ?? most) - Self.controlConnections
        }
        var configuration = PoolConfiguration(
            minConnections: min(pool.minConnections, most), maxConnections: most, lifetime: pool.lifetime,
            idleTimeout: pool.idleTimeout, validationTimeout: pool.validationTimeout,
            acquireTimeout: transactions.defaultTimeout)
        configuration.maxLease = pool.leasing.maxLeaseTime
        configuration.takesBackOverdue = pool.leasing.takesBack
        return configuration
    }

    /// Those of a server's connections that are kept for heartbeats.
    static let controlConnections = 1

    /// The database in words that are the same for everybody who uses it, and for nobody else.
    var databaseIdentity: String {
        guard case .sqlite(let sqlite) = database else { return databaseName }
        return InputDirectory.absolute(sqlite.file)
    }

    /// The database as a person would name it; no password, no user.
    var databaseName: String {
        switch database {
        case .sqlite(let sqlite): sqlite.file
        case .postgresql(let postgresql): PostgresConfiguration(postgresql.primary).place
        }
    }
}

extension PostgresConfiguration {
    /// The server in the driver's words.
    init(_ server: PostgresServerSettings) {
        self.init(
            hosts: server.hosts.map { Host($0.name, port: $0.port ?? server.port) },
            database: server.database, username: server.username,
            password: server.password.map { PostgresPassword($0.reveal()) },
            tlsMode: server.tlsMode.driverMode, tlsRootCertificate: server.tlsRootCertificate,
            target: server.target.driverTarget, connectionTimeout: server.connectionTimeout,
            applicationName: server.applicationName, schema: server.schema,
            networkTimeout: server.networkTimeout)
    }
}

extension PostgresServerSettings.TLSMode {
    fileprivate var driverMode: PostgresConfiguration.TLSMode {
        switch self {
        case .disable: .disable
        case .allow: .allow
        case .prefer: .prefer
        case .require: .require
        case .verifyCA: .verifyCA
        case .verifyFull: .verifyFull
        }
    }
}

extension PostgresServerSettings.Target {
    fileprivate var driverTarget: PostgresConfiguration.TargetServer {
        switch self {
        case .any: .any
        case .readWrite: .readWrite
        case .readOnly: .readOnly
        case .primary: .primary
        case .standby: .standby
        case .preferStandby: .preferStandby
        }
    }
}
