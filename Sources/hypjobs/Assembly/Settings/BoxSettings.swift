import HypConfig
import JobEngine

/// What scripts may do and use: a part of several blocks, each of which says only what it changes.
enum BoxSettings {
    /// The rules of a script by its name: the blocks `capabilities` and `limits`, and `record`.
    static func rules(reading reader: inout ConfigReader, project: ProjectDirectory) -> BoxRules {
        let granted = capabilities(in: &reader, project)
        var rules = granted.merging(limits(in: &reader))
        rules.recording = reader.optional(
            "record", .name(of: "a mode", among: ScriptBox.Recording.allCases.map(\.rawValue)),
            "Which runs keep what they got from outside, for 'hypjobs replay': none, failed or all."
        ).flatMap(ScriptBox.Recording.init(rawValue:))
        return rules
    }

    /// The block `capabilities`.
    static func capabilities(in reader: inout ConfigReader, _ project: ProjectDirectory) -> BoxRules {
        reader.block("capabilities", "What scripts may reach.") { reader in
            var rules = BoxRules()
            rules.output = reader.optional("output", .boolean, "Printing; true by default.")
            rules.clock = reader.optional("clock", .boolean, "The time; true by default.")
            rules.random = reader.optional("random", .boolean, "Random numbers; true by default.")
            rules.sleep = reader.optional("sleep", .boolean, "Waiting.")
            rules.stdin = reader.optional(
                "stdin", .boolean, "Reading lines, which are those of the argument 'stdin'.")
            rules.process = reader.optional("process", .boolean, "Exit and GetArgs.")
            rules.database = reader.optional(
                "database", .boolean,
                "Statements in the database of the jobs, with all rights that the worker has there.")
            rules.files = reader.optional(
                "files", .text, "The directory below which files can be used; links are not followed."
            ).map { .granted(InputDirectory.absolute(project.path(of: $0))) }
            rules.modules = reader.optional(
                "modules", .text, "The directory below which 'mindLink' finds programs."
            ).map { .granted(InputDirectory.absolute(project.path(of: $0))) }
            rules.environment = reader.optional(
                "environment", .set(of: .variable), "The names of variables that can be read."
            ).map { .granted($0) }
            return rules
        }
    }

    /// The block `limits`, where nothing has a default.
    static func limits(in reader: inout ConfigReader) -> BoxRules {
        reader.block("limits", "What a script may use; what is not said stays as it is.") { reader in
            var rules = BoxRules()
            rules.instructions = reader.optional(
                "instructions", .integer(BoxRules.Range.instructions),
                "How many instructions it may perform.")
            rules.memoryBytes = reader.optional(
                "memory_bytes", .integer(BoxRules.Range.memoryBytes, unit: "bytes"),
                "How much memory its values may take.")
            rules.callDepth = reader.optional(
                "call_depth", .integer(BoxRules.Range.callDepth),
                "How deep its functions may call each other.")
            rules.outputBytes = reader.optional(
                "output_bytes", .integer(BoxRules.Range.outputBytes, unit: "bytes"), "How much it may print.")
            rules.time = reader.optional(
                "seconds", .seconds(BoxRules.Range.seconds), "How long it may run.")
            return rules
        }
    }

    /// What a queue denies, and its limits: it grants nothing.
    static func queue(reading reader: inout ConfigReader) -> QueueBox {
        var box = QueueBox()
        let names = reader.value(
            "deny",
            .set(of: .name(of: "a capability", among: BoxCapability.allCases.map(\.rawValue))), default: [],
            "Capabilities that no script has in this queue, whatever it was granted.")
        box.denied = Set(names.compactMap(BoxCapability.init(rawValue:)))
        box.limits = limits(in: &reader)
        return box
    }
}

/// The block `scripts`: the box of one script.
struct ScriptSettings: Sendable, Hashable {
    /// The script, as 'hypjobs script list' calls it.
    var name: String
    /// What it may do and use.
    var rules: BoxRules
}
