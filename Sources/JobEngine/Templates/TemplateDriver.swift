import Database
import Effects
import SQL

/// Carries out what a template run asks of the database, inside a transaction that may hold many runs: a
/// segment is a savepoint of it, so that one run's rollback leaves the others alone.
struct TemplateDriver {
    /// Where a run stands when the database has done all it can.
    enum Pause {
        case script(step: Int)
        case finished(TemplateRun.Outcome)
    }

    let transaction: Transaction
    let time: any TimeSource

    /// Performs actions until the run needs a script or ends.
    ///
    /// - Throws: what breaks the transaction itself; what only breaks a step is told to the run.
    func drive(
        _ run: inout TemplateRun, from first: TemplateRun.Action,
        journal: ([Int]) throws -> Void, perform: (TemplateStep) throws -> Void
    ) throws -> Pause {
        var action = first
        while true {
            switch action {
            case .begin, .savepoint: transaction.beginSavepoint()
            case .release, .commit: try transaction.releaseSavepoint()
            case .rollBackTo, .rollBack: try transaction.undoSavepoint()
            case .journal(let steps): try journal(steps)
            case .perform(let index):
                action = try self.perform(run.template.steps[index], of: &run, perform)
                continue
            case .runScript(let index): return .script(step: index)
            case .finish(let outcome): return .finished(outcome)
            }
            action = run.succeeded()
        }
    }

    private func perform(
        _ step: TemplateStep, of run: inout TemplateRun, _ body: (TemplateStep) throws -> Void
    ) throws -> TemplateRun.Action {
        let start = time.uptime()
        do {
            try body(step)
            return run.succeeded(in: time.uptime() - start)
        } catch let error as ExecutionError {
            return run.failed(error, in: time.uptime() - start)
        } catch let error as DatabaseError where error.concernsStatementOnly {
            return run.failed(
                ExecutionError(kind: .database, message: error.message), in: time.uptime() - start)
        }
    }
}

extension DatabaseError {
    /// Whether the transaction can go on after rolling back to a savepoint: the statement broke a rule of the
    /// schema, and nothing is wrong with the connection, the file or the transaction.
    var concernsStatementOnly: Bool {
        switch code {
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .syntax,
            .unknownObject, .unexpectedValue:
            true
        default: false
        }
    }
}
