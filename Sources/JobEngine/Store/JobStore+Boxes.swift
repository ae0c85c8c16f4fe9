import Database
package import Effects
import SQL

extension JobStore {
    /// What is stored about the box of a script; nothing for most.
    package func boxRules(of name: String) async throws -> BoxRules {
        try await read { [self] transaction in
            guard let known = try script(named: name, in: transaction) else {
                throw try unknown(name, in: transaction)
            }
            return try boxRules(of: known.id, in: transaction)
        }
    }

    /// Changes what a script may do and use, for executions that begin from now on: workers notice with their
    /// next heartbeat. Rules that say nothing leave what is stored.
    ///
    /// - Returns: all that is stored now.
    package func setBox(
        of name: String, _ rules: BoxRules, by initiator: Initiator
    ) async throws -> BoxRules {
        try await transaction { [self] transaction in
            guard let known = try script(named: name, in: transaction) else {
                throw try unknown(name, in: transaction)
            }
            return try setBox(of: known.id, rules, by: initiator, in: transaction)
        }
    }

    /// The stored rules of every script that has some.
    package func allBoxRules() async throws -> [UniqueID: BoxRules] {
        try await read { transaction in
            var all: [UniqueID: BoxRules] = [:]
            for row in try transaction.execute(BoxQueries.selectAll, []).rows {
                all[try row.uuid(0)] = BoxRules(stored: try row.text(1))
            }
            return all
        }
    }

    func setBox(
        of script: UniqueID, _ rules: BoxRules, by initiator: Initiator, in transaction: Transaction
    ) throws -> BoxRules {
        let old = try boxRules(of: script, in: transaction)
        let new = old.merging(rules)
        guard new != old else { return old }
        let now = SQLValue.timestamp(effects.time.now())
        let text = SQLValue.json(new.json.text)
        if try transaction.execute(BoxQueries.update, [text, now, .uuid(script)]).affectedRows == 0 {
            _ = try transaction.execute(BoxQueries.insert, [.uuid(script), text, now])
        }
        try AuditEntry(
            action: .scriptBoxChanged, table: "script_boxes", record: script, old: old.json.text,
            new: new.json.text, initiator: initiator
        ).insert(in: transaction, effects: effects)
        return new
    }

    private func boxRules(of script: UniqueID, in transaction: Transaction) throws -> BoxRules {
        guard let row = try transaction.execute(BoxQueries.select, [.uuid(script)]).first else {
            return .none
        }
        return BoxRules(stored: try row.text(0))
    }
}

extension JobStore {
    /// The recording of an attempt, the newest if none is named; nil where there is none.
    package func recording(
        of execution: UniqueID, attempt: Int?
    ) async throws -> (attempt: Int, recording: Recording)? {
        try await read { transaction in
            for row in try transaction.execute(BoxQueries.selectRecording, [.uuid(execution)]).rows {
                let number = try row.int(0)
                guard attempt == nil || attempt == number else { continue }
                guard let recording = Recording(try row.text(1)) else {
                    throw JobEngineError(.notPossible, "The recording of attempt \(number) cannot be read")
                }
                return (number, recording)
            }
            return nil
        }
    }
}

extension BoxRules {
    /// What was stored. Rules that nobody can read, because somebody wrote them by hand, grant nothing.
    init(stored text: String) {
        do {
            try self.init(try JSON(parsing: text))
        } catch {
            self = .nothing
        }
    }

    /// Not even output.
    static let nothing: BoxRules = {
        var rules = BoxRules()
        rules.output = false
        rules.clock = false
        rules.random = false
        rules.sleep = false
        rules.stdin = false
        rules.process = false
        rules.database = false
        rules.files = .refused
        rules.modules = .refused
        rules.environment = .refused
        return rules
    }()
}
