package import SQL

/// Why a step failed.
package struct StepFailure: Error, Sendable, Hashable {
    package let step: String
    package let error: ExecutionError

    package init(step: String, error: ExecutionError) {
        self.step = step
        self.error = error
    }
}

/// What became of one step of an attempt.
package struct StepReport: Sendable, Hashable {
    package enum Result: Sendable, Hashable {
        case succeeded
        /// It failed inside its savepoint, and the template went on.
        case warned(String)
        case failed(String)
        /// An earlier attempt committed it.
        case skipped
    }

    package let name: String
    package var result: Result
    package var duration: Duration
    /// Where a script failed: the calls under way, the nearest first.
    package var calls: [ExecutionError.Call] = []
}

/// The run of a template, step by step: a pure value that says what to do next and is told how it went.
///
/// Consecutive database steps form a *segment* and share one transaction; a script step ends the segment
/// before it, so that no transaction stays open while a script computes. A step that may not roll back runs
/// inside a savepoint. A segment that commits before the template's end journals its steps, and a later
/// attempt skips them.
package struct TemplateRun: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case begin(IsolationLevel)
        case savepoint(Int)
        case perform(Int)
        case release(Int)
        case rollBackTo(Int)
        /// Write down that these steps are done, in the transaction that did them.
        case journal([Int])
        case commit
        case rollBack
        case runScript(Int)
        case finish(Outcome)
    }

    package enum Outcome: Sendable, Hashable {
        case succeeded
        case failed(StepFailure)
    }

    private enum Phase: Sendable, Hashable {
        case ready
        case beginning(Int)
        case saving(Int)
        case performing(Int)
        case releasing(Int)
        case undoing(Int)
        case journaling(next: Int)
        case committing(next: Int)
        case rollingBack(StepFailure)
        case running(Int)
        case finished(Outcome)
    }

    package let template: TransactionTemplate
    package private(set) var reports: [StepReport]
    private let done: Set<Int>
    private var phase = Phase.ready
    private var segmentStart = 0

    /// - Parameter done: the steps that an earlier attempt committed.
    package init(template: TransactionTemplate, done: Set<Int> = []) {
        self.template = template
        self.done = done
        self.reports = []
    }

    /// The first action.
    package mutating func start() -> Action {
        precondition(phase == .ready, "A template run starts once.")
        return enter(step: 0)
    }

    /// The last action went well. `duration` counts for steps only.
    package mutating func succeeded(in duration: Duration = .zero) -> Action {
        switch phase {
        case .beginning(let step): return open(step)
        case .saving(let step):
            phase = .performing(step)
            return .perform(step)
        case .performing(let step):
            report(step, .succeeded, duration)
            guard !template.steps[step].rollbackOnFailure else { return proceed(after: step) }
            phase = .releasing(step)
            return .release(step)
        case .releasing(let step), .undoing(let step): return proceed(after: step)
        case .journaling(let next):
            phase = .committing(next: next)
            return .commit
        case .committing(let next): return enter(step: next)
        case .rollingBack(let failure): return finish(.failed(failure))
        case .running(let step):
            report(step, .succeeded, duration)
            return enter(step: step + 1)
        case .ready, .finished:
            preconditionFailure("A template run was told of an action that it did not ask for.")
        }
    }

    /// The last action, a step, failed.
    package mutating func failed(_ error: ExecutionError, in duration: Duration = .zero) -> Action {
        switch phase {
        case .performing(let step):
            let failure = StepFailure(step: template.steps[step].name, error: error)
            guard template.steps[step].rollbackOnFailure else {
                report(step, .warned(error.message), duration)
                phase = .undoing(step)
                return .rollBackTo(step)
            }
            report(step, .failed(error.message), duration)
            phase = .rollingBack(failure)
            return .rollBack
        case .running(let step):
            let failure = StepFailure(step: template.steps[step].name, error: error)
            guard template.steps[step].rollbackOnFailure else {
                report(step, .warned(error.message), duration, calls: error.calls)
                return enter(step: step + 1)
            }
            report(step, .failed(error.message), duration, calls: error.calls)
            return finish(.failed(failure))
        case .ready, .beginning, .saving, .releasing, .undoing, .journaling, .committing, .rollingBack,
            .finished:
            preconditionFailure("Only a step fails; a broken transaction runs again from a copy of the run.")
        }
    }

    // MARK: - Moves

    private mutating func enter(step: Int) -> Action {
        var step = step
        while step < template.steps.count, done.contains(step) {
            report(step, .skipped, .zero)
            step += 1
        }
        guard step < template.steps.count else { return finish(.succeeded) }
        guard template.steps[step].operation != .runScript else {
            phase = .running(step)
            return .runScript(step)
        }
        segmentStart = step
        phase = .beginning(step)
        return .begin(template.isolation)
    }

    private mutating func open(_ step: Int) -> Action {
        guard template.steps[step].rollbackOnFailure else {
            phase = .saving(step)
            return .savepoint(step)
        }
        phase = .performing(step)
        return .perform(step)
    }

    private mutating func proceed(after step: Int) -> Action {
        let next = step + 1
        let endsSegment =
            next == template.steps.count || template.steps[next].operation == .runScript
            || done.contains(next)
        guard endsSegment else { return open(next) }
        let journaled = (segmentStart..<next).filter { template.steps[$0].operation != .insertExecution }
        guard next < template.steps.count, !journaled.isEmpty else {
            phase = .committing(next: next)
            return .commit
        }
        phase = .journaling(next: next)
        return .journal(journaled)
    }

    private mutating func finish(_ outcome: Outcome) -> Action {
        phase = .finished(outcome)
        return .finish(outcome)
    }

    private mutating func report(
        _ step: Int, _ result: StepReport.Result, _ duration: Duration, calls: [ExecutionError.Call] = []
    ) {
        reports.append(
            StepReport(
                name: template.steps[step].name, result: result, duration: duration, calls: calls))
    }
}
