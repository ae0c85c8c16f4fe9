package import Effects
package import SQL

/// What a step does: an entry of the catalogue that the configuration names.
package enum Operation: String, Sendable, Hashable, CaseIterable {
    /// Parses the source of the script that is being added.
    case validateScriptContent = "validate_script_content"
    /// Refuses a name that another script has.
    case checkScriptNameUnique = "check_script_name_unique"
    /// Writes the script and its first version.
    case insertScript = "insert_script"
    /// Writes an audit entry about the template's subject.
    case insertAuditLog = "insert_audit_log"
    /// Opens the execution's record. The claim has done it when both share a transaction.
    case insertExecution = "insert_execution"
    /// Runs the HypnoScript program, with no transaction held open.
    case runScript = "run_script"
    /// Records the result in the execution's row.
    case updateExecution = "update_execution"
    /// Records what the program printed.
    case insertExecutionLog = "insert_execution_log"

    /// What a template with this operation is about; nil where it fits any.
    package var subject: TransactionTemplate.Subject? {
        switch self {
        case .validateScriptContent, .checkScriptNameUnique, .insertScript: .scriptCreation
        case .insertExecution, .runScript, .updateExecution, .insertExecutionLog: .execution
        case .insertAuditLog: nil
        }
    }
}

/// One step of a template.
package struct TemplateStep: Sendable, Hashable {
    package let name: String
    package let operation: Operation
    /// Whether the step's failure undoes its segment and fails the run, or is only a warning.
    package let rollbackOnFailure: Bool

    package init(name: String, operation: Operation, rollbackOnFailure: Bool) {
        self.name = name
        self.operation = operation
        self.rollbackOnFailure = rollbackOnFailure
    }
}

/// A transaction template of the configuration: named steps, an isolation level, a timeout for an attempt
/// and the policy for further ones.
package struct TransactionTemplate: Sendable, Hashable {
    package enum Subject: String, Sendable, Hashable {
        case execution
        case scriptCreation = "script creation"
    }

    package let name: String
    package let isolation: IsolationLevel
    package let timeout: Duration
    package let retry: RetryPolicy
    package let steps: [TemplateStep]
    package let subject: Subject

    /// Why steps make no template.
    package enum Flaw: Error, Sendable, Hashable {
        case noSteps
        /// The step's operation is about something else than the steps before it.
        case mixedSubjects(step: Int, expected: Subject)
        /// Nothing in the template runs a script or creates one.
        case noSubject
        case duplicateStep(step: Int)
    }

    package init(
        name: String, isolation: IsolationLevel, timeout: Duration, retry: RetryPolicy, steps: [TemplateStep]
    ) throws(Flaw) {
        guard !steps.isEmpty else { throw .noSteps }
        var subject: Subject?
        var names: Set<String> = []
        for (index, step) in steps.enumerated() {
            guard names.insert(step.name).inserted else { throw .duplicateStep(step: index) }
            guard let own = step.operation.subject else { continue }
            if let subject, subject != own { throw .mixedSubjects(step: index, expected: subject) }
            subject = own
        }
        guard let subject else { throw .noSubject }
        self.name = name
        self.isolation = isolation
        self.timeout = timeout
        self.retry = retry
        self.steps = steps
        self.subject = subject
    }
}
