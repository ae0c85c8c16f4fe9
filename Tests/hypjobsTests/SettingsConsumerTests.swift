import HypConfig
import Testing

@testable import hypjobs

/// No key is accepted and then ignored: what the settings hold is used by the rest of the program.
@Suite("Consumers of settings")
struct SettingsConsumerTests {
    /// What the settings consume themselves: defaults of templates, the rules for the names of files, the
    /// choice among the dialects of a statement.
    private static let consumedHere: Set = [
        "defaultIsolation", "versionFormat", "versionSeparator", "portable", "byDialect",
    ]
    /// Properties of the engine's own types, which the engine obeys.
    private static let consumedByEngine: Set = ["denied"]
    /// What is read and still waits for the part of the program that obeys it; may only become shorter.
    private static let awaitingConsumer: Set<String> = []

    @Test("every setting is used outside the settings")
    func everySettingIsUsed() throws {
        var names: Set<String> = []
        for files in [try SettingsFixture.shippedFiles(), ["a.hyp": SettingsFixture.postgresql]] {
            collectNames(of: try SettingsFixture.load(files), into: &names)
        }
        #expect(names.count > 50)
        let words = try Set(["", "Assembly", "Commands"].flatMap(Self.words).map(String.init))
        #expect(
            names.subtracting(Self.consumedHere.union(Self.consumedByEngine)).subtracting(words)
                == Self.awaitingConsumer)
    }

    /// The names of the stored properties, all the way down.
    private func collectNames(of value: Any, into names: inout Set<String>) {
        // Arguments are the user's own; positions are for messages.
        guard !(value is ArgumentValue.Field) else { return }
        for child in Mirror(reflecting: value).children {
            if let label = child.label, label.first?.isLetter == true, !["position", "some"].contains(label) {
                names.insert(label)
            }
            collectNames(of: child.value, into: &names)
        }
    }

    /// The words in the source files directly in a folder of the program.
    private static func words(in folder: String) throws -> [Substring] {
        let directory = "\(SettingsFixture.directory)/../../Sources/hypjobs/\(folder)"
        return try ConfigFiles.system.names(directory).filter { $0.hasSuffix(".swift") }.flatMap { name in
            try SettingsFixture.text("\(directory)/\(name)").split { !$0.isLetter }
        }
    }
}
