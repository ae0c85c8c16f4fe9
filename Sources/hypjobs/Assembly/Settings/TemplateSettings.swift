import HypConfig
import SourceText

/// A named transaction: its steps and how it deals with time and failure.
struct TemplateSettings: Sendable, Hashable {
    /// One step.
    struct Step: Sendable, Hashable {
        /// What the step is called in records and messages; differs from the other steps' names.
        var name: String
        /// The operation of the engine that the step performs.
        var operation: String
        /// Whether its failure undoes what came before and fails the attempt; otherwise it is a warning.
        var rollsBackOnFailure: Bool
    }

    /// What holds for a template that says nothing else.
    struct Defaults {
        var isolation: TransactionSettings.Isolation
        var timeout: Duration
        var retry: RetrySettings
    }

    /// What jobs call it.
    var name: String
    /// How far its transactions are kept apart from others.
    var isolation: TransactionSettings.Isolation
    /// How long an attempt may take.
    var timeout: Duration
    /// When a failed attempt is repeated.
    var retry: RetrySettings
    /// The steps in order, at least one.
    var steps: [Step]

    init(name: String, reading reader: inout ConfigReader, defaults: Defaults, operations: [String]) {
        self.name = name
        isolation = reader.value(
            "isolation_level", .choice(.serializable), default: defaults.isolation,
            "How far its transactions are kept apart from others.")
        timeout = reader.value(
            "timeout", .seconds(0.1...604_800), default: defaults.timeout, "How long an attempt may take.")
        retry = reader.block("retry_policy", "When a failed attempt is repeated.") {
            RetrySettings(reading: &$0, defaults: defaults.retry)
        }
        var names: Set<String> = []
        steps = reader.blocks("steps", "What it does, in order.") { _, step in
            Step(reading: &step, operations: operations, names: &names)
        }
        reader.notYet("rollback", help: "a failed step undoes the steps before it; remove the block")
        // One that names an operation wrongly is refused already.
        if steps.allSatisfy({ operations.contains($0.operation) }) {
            TemplateShape(name: name, operations: steps.map(\.operation)).check(&reader)
        }
        if steps.isEmpty {
            reader.refuse(
                "steps", ConfigMeaningCode.missingKey,
                "'\(name)' needs the key 'steps' with at least one step",
                help: "steps: [ { name: \"execute_script\", operation: \"run_script\" } ]")
        }
    }
}

extension TemplateSettings.Step {
    fileprivate init(reading reader: inout ConfigReader, operations: [String], names: inout Set<String>) {
        name = reader.value("name", .text.written, "What the step is called.")
        operation = reader.value("operation", .name(of: "an operation", among: operations), "What it does.")
        rollsBackOnFailure = reader.value(
            "rollback_on_failure", .boolean, default: true, "Whether its failure fails the attempt.")
        for key in ["sql", "parameters", "loop"] {
            reader.notYet(key, help: "steps perform operations today: " + operations.joined(separator: ", "))
        }
        if !names.insert(name).inserted {
            reader.refuse(
                "name", ConfigMeaningCode.duplicateName, "another step is called '\(name)' already",
                help: "steps are told apart by their names in the record of an execution")
        }
    }
}
