import Effects
import SQL
import Testing

@testable import JobEngine

@Suite("The run of a template, step by step")
struct TemplateRunTests {
    private typealias Action = TemplateRun.Action

    private static let broken = ExecutionError(kind: .database, message: "Broken")

    /// A template from words: `run` runs a script, `open` opens the record, any other step records; a `?`
    /// behind it makes its failure a warning.
    private func template(_ words: String...) throws -> TransactionTemplate {
        let steps = words.enumerated().map { index, word in
            let operation: JobEngine.Operation =
                word.hasPrefix("run")
                ? .runScript : word.hasPrefix("open") ? .insertExecution : .insertAuditLog
            return TemplateStep(
                name: "\(word)\(index)", operation: operation, rollbackOnFailure: !word.hasSuffix("?"))
        }
        return try TransactionTemplate(
            name: "t", isolation: .repeatableRead, timeout: .seconds(1), retry: .never, steps: steps)
    }

    /// Everything that a run asks for when each action goes well, except the steps that fail.
    private func actions(
        _ template: TransactionTemplate, done: Set<Int> = [], failing: Set<Int> = []
    ) -> (actions: [Action], run: TemplateRun) {
        var run = TemplateRun(template: template, done: done)
        var actions = [run.start()]
        while let last = actions.last {
            switch last {
            case .finish: return (actions, run)
            case .perform(let step) where failing.contains(step),
                .runScript(let step) where failing.contains(step):
                actions.append(run.failed(Self.broken, in: .milliseconds(step)))
            case .perform(let step), .runScript(let step):
                actions.append(run.succeeded(in: .milliseconds(step)))
            case .begin, .savepoint, .release, .rollBackTo, .journal, .commit, .rollBack:
                actions.append(run.succeeded())
            }
        }
        return (actions, run)
    }

    @Test("consecutive steps share a transaction, and a script ends it")
    func segments() throws {
        let (actions, run) = actions(try template("open", "audit", "run", "audit", "audit"))
        let expected: [Action] = [
            .begin(.repeatableRead), .perform(0), .perform(1), .journal([1]), .commit, .runScript(2),
            .begin(.repeatableRead), .perform(3), .perform(4), .commit, .finish(.succeeded),
        ]
        #expect(actions == expected)
        #expect(run.reports.map(\.name) == ["open0", "audit1", "run2", "audit3", "audit4"])
        #expect(run.reports.allSatisfy { $0.result == .succeeded })
        #expect(run.reports.map(\.duration) == (0...4).map { .milliseconds($0) })
    }

    @Test("opening the record is the claim's work and is never skipped by a later attempt")
    func openingIsNotJournaled() throws {
        let (actions, _) = actions(try template("open", "run"))
        #expect(
            actions == [
                .begin(.repeatableRead), .perform(0), .commit, .runScript(1), .finish(.succeeded),
            ])
    }

    @Test("a step whose failure is a warning has a savepoint of its own")
    func savepoints() throws {
        let template = try template("run", "audit", "audit?", "audit")
        let good: [Action] = [
            .runScript(0), .begin(.repeatableRead), .perform(1), .savepoint(2), .perform(2), .release(2),
            .perform(3), .commit, .finish(.succeeded),
        ]
        #expect(actions(template).actions == good)
        let (actions, run) = actions(template, failing: [2])
        let warned: [Action] = [
            .runScript(0), .begin(.repeatableRead), .perform(1), .savepoint(2), .perform(2), .rollBackTo(2),
            .perform(3), .commit, .finish(.succeeded),
        ]
        #expect(actions == warned)
        #expect(run.reports.map(\.result) == [.succeeded, .succeeded, .warned("Broken"), .succeeded])
    }

    @Test("a step whose failure counts undoes its segment and ends the run")
    func rollBack() throws {
        let (actions, run) = actions(try template("audit", "run", "audit", "audit", "audit"), failing: [3])
        let failure = StepFailure(step: "audit3", error: Self.broken)
        let expected: [Action] = [
            .begin(.repeatableRead), .perform(0), .journal([0]), .commit, .runScript(1),
            .begin(.repeatableRead), .perform(2), .perform(3), .rollBack, .finish(.failed(failure)),
        ]
        #expect(actions == expected)
        #expect(run.reports.map(\.result) == [.succeeded, .succeeded, .succeeded, .failed("Broken")])
    }

    @Test("a script that fails ends the run with nothing to undo, unless its failure is a warning")
    func failedScript() throws {
        let failure = StepFailure(step: "run0", error: Self.broken)
        #expect(
            actions(try template("run", "audit"), failing: [0]).actions == [
                .runScript(0), .finish(.failed(failure)),
            ])
        let (actions, run) = actions(try template("run?", "audit"), failing: [0])
        #expect(
            actions == [
                .runScript(0), .begin(.repeatableRead), .perform(1), .commit, .finish(.succeeded),
            ])
        #expect(run.reports.map(\.result) == [.warned("Broken"), .succeeded])
    }

    @Test("a later attempt skips what an earlier one committed, and runs the script again")
    func resume() throws {
        let template = try template("open", "audit", "audit", "run", "audit")
        let (actions, run) = actions(template, done: [1, 2])
        let expected: [Action] = [
            .begin(.repeatableRead), .perform(0), .commit, .runScript(3), .begin(.repeatableRead),
            .perform(4), .commit, .finish(.succeeded),
        ]
        #expect(actions == expected)
        #expect(
            run.reports.map(\.result) == [.succeeded, .skipped, .skipped, .succeeded, .succeeded])
    }

    @Test("what an attempt that stopped midway has journaled splits a segment in two")
    func resumeInTheMiddle() throws {
        let (actions, _) = actions(try template("audit", "audit", "audit", "run"), done: [1])
        let expected: [Action] = [
            .begin(.repeatableRead), .perform(0), .journal([0]), .commit, .begin(.repeatableRead),
            .perform(2), .journal([2]), .commit, .runScript(3), .finish(.succeeded),
        ]
        #expect(actions == expected)
    }

    @Test("a run whose steps are all done has nothing to do")
    func allDone() throws {
        let (actions, run) = actions(try template("run", "audit"), done: [0, 1])
        #expect(actions == [.finish(.succeeded)])
        #expect(run.reports.map(\.result) == [.skipped, .skipped])
    }

    @Test("every savepoint and every transaction that a run opens it closes, whatever fails")
    func balance() throws {
        let template = try template(
            "open", "audit?", "audit", "run?", "audit?", "audit?", "audit", "run", "audit")
        for failures in 0..<(1 << 9) {
            let failing = Set((0..<9).filter { failures & 1 << $0 != 0 })
            var open: [String] = []
            for action in actions(template, failing: failing).actions {
                switch action {
                case .begin: open.append("transaction")
                case .savepoint: open.append("savepoint")
                case .release, .rollBackTo: #expect(open.popLast() == "savepoint", "\(failing)")
                case .commit, .rollBack: #expect(open.popLast() == "transaction", "\(failing)")
                case .runScript: #expect(open.isEmpty, "a script runs in no transaction: \(failing)")
                case .perform, .journal, .finish: break
                }
            }
            #expect(open.isEmpty, "\(failing)")
        }
    }

    @Test("steps that make no sense together are no template")
    func flaws() throws {
        func flaw(_ steps: [(String, JobEngine.Operation)]) -> TransactionTemplate.Flaw? {
            do {
                _ = try TransactionTemplate(
                    name: "t", isolation: .serializable, timeout: .seconds(1), retry: .never,
                    steps: steps.map { TemplateStep(name: $0.0, operation: $0.1, rollbackOnFailure: true) })
                return nil
            } catch {
                return error
            }
        }
        #expect(flaw([]) == .noSteps)
        #expect(flaw([("a", .insertAuditLog)]) == .noSubject)
        #expect(flaw([("a", .runScript), ("a", .insertAuditLog)]) == .duplicateStep(step: 1))
        #expect(
            flaw([("a", .runScript), ("b", .insertScript)]) == .mixedSubjects(step: 1, expected: .execution))
        #expect(
            flaw([("a", .insertScript), ("b", .updateExecution)])
                == .mixedSubjects(step: 1, expected: .scriptCreation))
        #expect(flaw([("a", .insertAuditLog), ("b", .runScript)]) == nil)
    }
}
