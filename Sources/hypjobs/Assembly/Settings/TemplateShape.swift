import HypConfig
import SourceText

/// Which operations make a template that does what its name promises, and in which order.
struct TemplateShape {
    let name: String
    let operations: [String]

    private static let creation = ["validate_script_content", "check_script_name_unique", "insert_script"]
    private static let recording = ["update_execution", "insert_execution_log"]

    /// Refuses a template that would lose output, run nothing, or add a script without adding it.
    func check(_ reader: inout ConfigReader) {
        guard !operations.isEmpty, let flaw else { return }
        reader.refuse("steps", SettingsCode.templateShape, flaw.message, help: flaw.help)
    }

    private var flaw: (message: String, help: String)? {
        let isCreation = name == "createScript"
        let needed = isCreation ? "insert_script" : "run_script"
        if name == "executeScript" || isCreation, !operations.contains(needed) {
            return (
                "'\(name)' has no step with the operation '\(needed)'", "add one; it is what '\(name)' is for"
            )
        }
        if operations.contains(where: Self.creation.contains) {
            return isCreation || operations.contains("insert_script")
                ? nil
                : (
                    "'\(name)' has no step with the operation 'insert_script'",
                    "add one, or remove the others"
                )
        }
        guard let script = operations.firstIndex(of: "run_script") else {
            return ("'\(name)' has no step with the operation 'run_script'", "add one: it runs the program")
        }
        for operation in ["run_script"] + Self.recording
        where operations.count(where: { $0 == operation }) > 1 {
            return (
                "'\(name)' has the operation '\(operation)' twice",
                "an attempt has one program and one record"
            )
        }
        if let early = operations[..<script].first(where: Self.recording.contains) {
            return (
                "'\(early)' stands before 'run_script'", "there is nothing to record before the program ran"
            )
        }
        return nil
    }
}
