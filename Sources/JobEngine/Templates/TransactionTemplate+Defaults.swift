import Effects

extension TransactionTemplate {
    /// The names that the engine itself runs.
    package static let createScriptName = "createScript"
    package static let executeScriptName = "executeScript"

    /// The steps that `createScript` and `executeScript` have when the configuration does not define them.
    package static let defaultSteps: [String: [TemplateStep]] = [
        createScriptName: [
            TemplateStep(name: "validate_script", operation: .validateScriptContent, rollbackOnFailure: true),
            TemplateStep(
                name: "check_duplicate_name", operation: .checkScriptNameUnique, rollbackOnFailure: true),
            TemplateStep(name: "create_script", operation: .insertScript, rollbackOnFailure: true),
            TemplateStep(name: "create_audit_log", operation: .insertAuditLog, rollbackOnFailure: false),
        ],
        executeScriptName: [
            TemplateStep(
                name: "create_execution_record", operation: .insertExecution, rollbackOnFailure: true),
            TemplateStep(name: "execute_script", operation: .runScript, rollbackOnFailure: true),
            TemplateStep(
                name: "update_execution_result", operation: .updateExecution, rollbackOnFailure: false),
            TemplateStep(name: "log_execution", operation: .insertExecutionLog, rollbackOnFailure: false),
        ],
    ]
}
