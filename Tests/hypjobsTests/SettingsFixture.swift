import HypConfig
import SourceText

@testable import hypjobs

/// What the tests of the settings share: the operations of the engine, and loading from memory.
enum SettingsFixture {
    static let operations = [
        "validate_script_content", "check_script_name_unique", "insert_script", "insert_audit_log",
        "insert_execution", "run_script", "update_execution", "insert_execution_log",
    ]

    /// A configuration of a PostgreSQL database that says everything there is to say.
    static let postgresql = """
        database {
            postgresql: {
                primary: {
                    host: ["db-1.example.com", "db-2.example.com:5433", "[::1]:5434", "/run/postgresql"]
                    port: 6432
                    database: "hypnoscript_prod"
                    username: "ada"
                    password: "secret"
                    ssl_mode: "verify-full"
                    ssl_root_certificate: "certificates/root.pem"
                    max_connections: 100
                    connection_timeout: 30
                    network_timeout: 20
                    application_name: "nightly"
                    schema: "jobs"
                    target_session_attrs: "primary"
                    read_only: false
                }
                replica: {
                    host: "db-replica.example.com"
                    max_connections: 50
                    read_only: true
                }
            }
        }
        connection_pooling {
            optimization {
                load_balancing {
                    strategy: "round_robin"
                    health_check_interval: 5
                    failover_enabled: false
                    max_replica_lag: 2.5
                }
                leasing {
                    max_lease_time: 300
                    auto_return: false
                    deadlock_detection: true
                }
            }
        }
        """

    /// The directory of these tests.
    static let directory = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    /// The configuration that the repository ships.
    static let shippedConfiguration = "\(directory)/../../config"

    /// Loads a configuration directory called `config` whose files are these texts.
    static func load(
        _ files: [String: String], environment: [String: String] = [:]
    ) throws(ConfigFailure) -> Settings {
        var paths: [String: String] = [:]
        for (name, text) in files { paths["config/\(name)"] = text }
        let loader = SettingsLoader(environment: environment, operations: operations, files: .memory(paths))
        return try loader.load(directory: "config")
    }

    /// Loads one text, after the shortest database block.
    static func load(_ text: String) throws(ConfigFailure) -> Settings {
        try load(["a.hyp": DatabaseSettings.example, "b.hyp": text])
    }

    /// What is wrong with a configuration.
    static func diagnostics(
        _ files: [String: String], environment: [String: String] = [:]
    ) -> [Diagnostic] {
        do throws(ConfigFailure) {
            _ = try load(files, environment: environment)
            return []
        } catch {
            return error.diagnostics
        }
    }

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        String(decoding: try ConfigFiles.system.contents(path, 1 << 20), as: UTF8.self)
    }

    /// The files of the shipped configuration, by their paths relative to it.
    static func shippedFiles() throws -> [String: String] {
        var files: [String: String] = [:]
        for folder in ["", "migrations/"] {
            let names = try ConfigFiles.system.names("\(shippedConfiguration)/\(folder)")
            for name in names where name.hasSuffix(".hyp") {
                files[folder + name] = try text("\(shippedConfiguration)/\(folder)\(name)")
            }
        }
        return files
    }
}
