import Database
import Effects
import SQL
import SourceText

/// A script on its way into the store.
struct ScriptDraft: Sendable {
    let id: UniqueID
    let name: String
    let source: String
    let file: String
}

extension JobStore {
    /// Runs the template `createScript` for a draft, step by step, inside the caller's transaction.
    func create(_ draft: ScriptDraft, by initiator: Initiator, in transaction: Transaction) throws {
        guard let template = templates[TransactionTemplate.createScriptName] else {
            preconditionFailure("The assembly gives every store a template for creating scripts.")
        }
        var run = TemplateRun(template: template)
        let driver = TemplateDriver(transaction: transaction, time: effects.time)
        let pause = try driver.drive(&run, from: run.start(), journal: { _ in }) { step in
            try perform(step, draft, by: initiator, in: transaction)
        }
        switch pause {
        case .script: preconditionFailure("A template for script creation has no step that runs a script.")
        case .finished(.succeeded): return
        case .finished(.failed(let failure)):
            throw JobEngineError(
                .invalidScript,
                "Script '\(draft.name)' was not added: step '\(failure.step)' failed: "
                    + "\(failure.error.message)"
            )
        }
    }

    private func perform(
        _ step: TemplateStep, _ draft: ScriptDraft, by initiator: Initiator, in transaction: Transaction
    ) throws {
        switch step.operation {
        case .validateScriptContent:
            do { try JobStore.validate(draft.source, file: draft.file) } catch {
                throw ExecutionError(
                    kind: .syntax, message: error.message, line: error.diagnostic?.position?.line,
                    column: error.diagnostic?.position?.column)
            }
        case .checkScriptNameUnique:
            guard try script(named: draft.name, in: transaction) == nil else {
                throw ExecutionError(
                    kind: .database, message: "A script named '\(draft.name)' exists already")
            }
        case .insertScript:
            let now = SQLValue.timestamp(effects.time.now())
            _ = try transaction.execute(
                ScriptQueries.insertScript,
                [.uuid(draft.id), .text(draft.name), .text(draft.source), now, now, .uuid(initiator.user)])
            try insertVersion(1, of: draft.id, source: draft.source, by: initiator, in: transaction)
        case .insertAuditLog:
            let new: JSON = [
                "name": .string(draft.name), "version": .integer(1),
                "checksum": .string(JobStore.checksum(draft.source)),
            ]
            try AuditEntry(
                action: .scriptAdded, table: "scripts", record: draft.id, new: new.text, initiator: initiator
            ).insert(in: transaction, effects: effects)
        case .insertExecution, .runScript, .updateExecution, .insertExecutionLog:
            preconditionFailure("A template for script creation has no operation on executions.")
        }
    }
}
