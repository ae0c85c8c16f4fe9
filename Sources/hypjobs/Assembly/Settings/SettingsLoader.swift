import HypConfig
import SourceText

/// Reads a configuration directory into settings.
struct SettingsLoader: Sendable {
    private let files: ConfigFiles
    private let loader: ConfigLoader
    private let operations: [String]

    /// - Parameters:
    ///   - environment: what `env.NAME` refers to.
    ///   - operations: the names of the operations that the engine can perform as steps.
    init(environment: [String: String], operations: [String], files: ConfigFiles = .system) {
        self.files = files
        self.operations = operations
        loader = ConfigLoader(environment: environment, files: files)
    }

    /// Every key that a configuration can have.
    static func keys(operations: [String]) -> [ConfigKey] {
        ConfigTree.keys {
            Settings(reading: &$0, operations: operations, project: ProjectDirectory(of: "config"))
        }
    }

    /// Reads the directory and the migrations in it.
    ///
    /// - Throws: everything that is wrong with the configuration; or, once that is right and says where the
    ///   migrations are, everything that is wrong with them.
    func load(directory: String) throws(ConfigFailure) -> Settings {
        let tree = try loader.load(directory: directory)
        let project = ProjectDirectory(of: directory)
        var settings = try tree.read { reader in
            Settings(reading: &reader, operations: operations, project: project)
        }
        settings.migrations += try migrationFiles(settings.migrationHistory, directory: directory, tree: tree)
        settings.migrations.sort { $0.version < $1.version }
        try checkVersions(settings.migrations)
        return settings
    }

    /// Checks one file that stands alone: a part of a configuration, or a migration. A block that other parts
    /// may bring is not missed.
    func check(text: String, file: String) throws(ConfigFailure) {
        let tree = try loader.load(text: text, file: file)
        guard !tree.isMigration else {
            let nothing = try loader.load(text: "", file: file)
            let history = try nothing.read { MigrationHistorySettings(reading: &$0) }
            _ = try tree.read { MigrationFile(history: history, path: file).read(&$0) }
            return
        }
        do throws(ConfigFailure) {
            _ = try tree.read {
                Settings(reading: &$0, operations: operations, project: ProjectDirectory(of: "."))
            }
        } catch {
            let bringsTemplates = tree.root["transactions"] != nil
            let findings = error.diagnostics.filter { finding in
                if finding.code == ConfigMeaningCode.missingKey, finding.position == nil { return false }
                let namesTemplate =
                    finding.code == ConfigMeaningCode.unknownName && finding.message.hasPrefix("'template' ")
                return bringsTemplates || !namesTemplate
            }
            guard findings.isEmpty else { throw ConfigFailure(findings) }
        }
    }

    private func migrationFiles(
        _ history: MigrationHistorySettings, directory: String, tree: ConfigTree
    ) throws(ConfigFailure) -> [MigrationSource] {
        guard files.canonicalPath("\(directory)/\(history.directory)") != nil else {
            // Nobody asked for the default directory; one that was named must be there.
            guard let named = tree.root[path: ["migrations", "settings", "directory"]] else { return [] }
            throw ConfigFailure([
                Diagnostic(
                    code: SettingsCode.migrationFile,
                    message: "'directory' must be a directory that exists, found \(named.shown)",
                    file: named.file, position: named.position, length: named.length,
                    sourceLine: tree.sources[named.file].map { String($0.line(named.position.line)) },
                    help: "it is relative to the configuration directory")
            ])
        }
        var sources: [MigrationSource] = []
        var findings: [Diagnostic] = []
        for file in try loader.loadEach(in: history.directory, of: directory) {
            do throws(ConfigFailure) {
                sources += try file.read { MigrationFile(history: history, path: file.name).read(&$0) }
            } catch {
                findings += error.diagnostics
            }
        }
        guard findings.isEmpty else { throw ConfigFailure(findings) }
        return sources
    }

    private func checkVersions(_ migrations: [MigrationSource]) throws(ConfigFailure) {
        var findings: [Diagnostic] = []
        for (first, second) in zip(migrations, migrations.dropFirst()) where first.version == second.version {
            let message = "'\(second.name)' has the version of '\(first.name)' in \(first.file)"
            findings.append(
                Diagnostic(
                    code: SettingsCode.migrationFile, message: message, file: second.file,
                    position: second.position, help: "give the newer one a version after \(first.version)"))
        }
        guard findings.isEmpty else { throw ConfigFailure(findings) }
    }
}

extension ConfigTree {
    /// Whether every block has what only migrations have.
    fileprivate var isMigration: Bool {
        !root.entries.isEmpty
            && root.entries.allSatisfy { entry in
                guard case .object(let block) = entry.node.value else { return false }
                return block["version"] != nil && block["up"] != nil
            }
    }
}

extension ConfigObject {
    /// The value at the end of a way of keys.
    fileprivate subscript(path keys: [String]) -> ConfigNode? {
        var object = self
        for key in keys.dropLast() {
            guard case .object(let inner)? = object[key]?.node.value else { return nil }
            object = inner
        }
        return keys.last.flatMap { object[$0]?.node }
    }
}
