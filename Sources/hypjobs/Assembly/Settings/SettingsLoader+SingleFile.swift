import HypConfig
import SourceText

extension SettingsLoader {
    /// What is certainly wrong with one file on its own: a part of a configuration, or a migration.
    ///
    /// What depends on the other files is left to a check of them all: a block that is missing here, a name
    /// that is defined elsewhere, two values that contradict each other.
    func findings(inText text: String, file: String) -> [Diagnostic] {
        do throws(ConfigFailure) {
            let tree = try loader.load(text: text, file: file)
            guard !tree.holdsMigrations else {
                let history = try ConfigTree(root: ConfigObject(), name: file, sources: [:]).read {
                    MigrationHistorySettings(reading: &$0)
                }
                _ = try tree.read { MigrationFile(history: history, path: file).read(&$0) }
                return []
            }
            do throws(ConfigFailure) {
                _ = try tree.read {
                    Settings(reading: &$0, operations: operations, project: ProjectDirectory(of: "config"))
                }
            } catch {
                return error.diagnostics.filter { Self.certain.contains($0.code) }
            }
            return []
        } catch {
            return error.diagnostics
        }
    }

    private static let certain: Set<DiagnosticCode> = [
        ConfigMeaningCode.unknownKey, ConfigMeaningCode.wrongType, ConfigMeaningCode.outOfRange,
        ConfigMeaningCode.notSupportedYet,
    ]
}

extension ConfigTree {
    /// Whether this is the file of a migration: a block of its own name, with a version in it.
    fileprivate var holdsMigrations: Bool {
        !root.entries.isEmpty
            && root.entries.allSatisfy { entry in
                guard case .object(let block) = entry.node.value else { return false }
                return block["version"] != nil
            }
    }
}
