import Crypto
import Database
import Effects
import HypnoScript
import SQL
import SourceText

extension JobStore {
    /// Adds a source under a name. A new name runs the template `createScript`, step by step; a known name
    /// gets a new version, unless its newest has the same text. Earlier versions stay as they are for the
    /// executions that were enqueued with them. What `box` says is stored with the script.
    package func addScript(
        name: String, source: String, file: String, box: BoxRules = .none, by initiator: Initiator
    ) async throws -> ScriptAddition {
        guard (1...255).contains(name.utf8.count) else {
            throw JobEngineError(
                .invalidScript, "A script's name has 1 to 255 bytes, found \(name.utf8.count)")
        }
        try JobStore.validate(source, file: file)
        let draft = ScriptDraft(id: effects.ids.next(), name: name, source: source, file: file)
        guard let template = templates[TransactionTemplate.createScriptName] else {
            preconditionFailure("The assembly gives every store a template for creating scripts.")
        }
        return try await database.transaction(
            template.isolation, label: "addScript", timeout: template.timeout, retry: template.retry
        ) { [self] transaction in
            let addition: ScriptAddition
            if let known = try script(named: name, in: transaction) {
                addition = try update(known, with: source, by: initiator, in: transaction)
            } else {
                try create(draft, by: initiator, in: transaction)
                addition = .created(draft.id)
            }
            if box != .none { _ = try setBox(of: addition.id, box, by: initiator, in: transaction) }
            return addition
        }
    }

    /// Takes a script out of use: what is enqueued still runs, more cannot be enqueued.
    package func archiveScript(_ name: String, by initiator: Initiator) async throws {
        try await transaction { [self] transaction in
            guard let known = try script(named: name, in: transaction) else {
                throw try unknown(name, in: transaction)
            }
            guard known.status != "archived" else { return }
            _ = try transaction.execute(
                ScriptQueries.archive, [.timestamp(effects.time.now()), .uuid(known.id)])
            let new: JSON = ["status": "archived"]
            let old: JSON = ["status": .string(known.status)]
            try AuditEntry(
                action: .scriptArchived, table: "scripts", record: known.id, old: old.text, new: new.text,
                initiator: initiator
            ).insert(in: transaction, effects: effects)
        }
    }

    /// All scripts, by name.
    package func scripts() async throws -> [ScriptRecord] {
        try await read { transaction in
            try transaction.execute(ScriptQueries.selectAll, []).rows.map(ScriptRecord.init)
        }
    }

    /// One script, with the source of one of its versions (the newest, if none is named).
    package func script(_ name: String, version: Int?) async throws -> ScriptRecord {
        try await read { [self] transaction in
            guard let known = try script(named: name, in: transaction) else {
                throw try unknown(name, in: transaction)
            }
            guard let version, version != known.version else { return known }
            let arguments: [SQLValue] = [.uuid(known.id), .integer(Int64(version))]
            guard let row = try transaction.execute(ScriptQueries.selectVersion, arguments).first else {
                throw JobEngineError(
                    .unknownScript, "Script '\(name)' has no version \(version)",
                    help: "its newest version is \(known.version)")
            }
            return ScriptRecord(
                id: known.id, name: known.name, version: version, status: known.status,
                content: try row.text(0), createdBy: known.createdBy, createdAt: try row.timestamp(2),
                updatedAt: known.updatedAt)
        }
    }

    /// A real parse of the source.
    ///
    /// - Throws: `JobEngineError.invalidScript` with the diagnostic.
    package static func validate(_ source: String, file: String) throws(JobEngineError) {
        do {
            _ = try HypnoScript.compile(SourceFile(name: file, text: source))
        } catch {
            throw JobEngineError(
                .invalidScript, "Script '\(file)' does not parse", diagnostic: error.diagnostic)
        }
    }
}

// MARK: - Inside a transaction

extension JobStore {
    func script(named name: String, in transaction: Transaction) throws -> ScriptRecord? {
        try transaction.execute(ScriptQueries.selectByName, [.text(name)]).first.map(ScriptRecord.init)
    }

    /// The version of a script that a new execution pins: existing, not archived, and parsing.
    func usableScript(
        _ name: String, version: Int?, by initiator: Initiator, in transaction: Transaction
    ) throws -> ScriptVersion {
        guard let known = try script(named: name, in: transaction) else {
            throw try unknown(name, in: transaction)
        }
        guard known.status != "archived" else {
            throw JobEngineError(
                .scriptArchived, "Script '\(name)' is archived",
                help: "add it again with 'hypjobs script add' to bring it back")
        }
        let chosen = version ?? known.version
        let arguments: [SQLValue] = [.uuid(known.id), .integer(Int64(chosen))]
        if let row = try transaction.execute(ScriptQueries.selectVersion, arguments).first {
            try JobStore.validate(try row.text(0), file: name)
        } else if chosen == known.version {
            // The row came by plain SQL: its content becomes an immutable version when it is first used.
            try JobStore.validate(known.content, file: name)
            try insertVersion(chosen, of: known.id, source: known.content, by: initiator, in: transaction)
        } else {
            throw JobEngineError(
                .unknownScript, "Script '\(name)' has no version \(chosen)",
                help: "its newest version is \(known.version)")
        }
        return ScriptVersion(script: known.id, version: chosen)
    }

    func insertVersion(
        _ version: Int, of script: UniqueID, source: String, by initiator: Initiator,
        in transaction: Transaction
    ) throws {
        _ = try transaction.execute(
            ScriptQueries.insertVersion,
            [
                .uuid(script), .integer(Int64(version)), .text(source), .text(JobStore.checksum(source)),
                .timestamp(effects.time.now()), .uuid(initiator.user),
            ])
    }

    func unknown(_ name: String, in transaction: Transaction) throws -> JobEngineError {
        let names = try transaction.execute(ScriptQueries.selectNames, []).rows.map { try $0.text(0) }
        let help = Spelling.nearest(name, among: names).map { "did you mean '\($0)'?" }
        return JobEngineError(
            .unknownScript, "Unknown script '\(name)'",
            help: help ?? "'hypjobs script list' shows all scripts")
    }

    private func update(
        _ known: ScriptRecord, with source: String, by initiator: Initiator, in transaction: Transaction
    ) throws -> ScriptAddition {
        guard known.content != source else {
            if known.status == "archived" { try restore(known, by: initiator, in: transaction) }
            return .unchanged(known.id, version: known.version)
        }
        let version = known.version + 1
        _ = try transaction.execute(
            ScriptQueries.updateContent,
            [
                .text(source), .integer(Int64(version)), .timestamp(effects.time.now()), .uuid(known.id),
                .integer(Int64(known.version)),
            ])
        try insertVersion(version, of: known.id, source: source, by: initiator, in: transaction)
        let old: JSON = ["version": .integer(known.version)]
        let new: JSON = ["version": .integer(version), "checksum": .string(JobStore.checksum(source))]
        try AuditEntry(
            action: .scriptVersionAdded, table: "scripts", record: known.id, old: old.text, new: new.text,
            initiator: initiator
        ).insert(in: transaction, effects: effects)
        return .newVersion(known.id, version: version)
    }

    /// Brings an archived script back as it is.
    private func restore(
        _ known: ScriptRecord, by initiator: Initiator, in transaction: Transaction
    ) throws {
        _ = try transaction.execute(
            ScriptQueries.restore, [.timestamp(effects.time.now()), .uuid(known.id)])
        try AuditEntry(
            action: .scriptRestored, table: "scripts", record: known.id, old: #"{"status":"archived"}"#,
            new: #"{"status":"active"}"#, initiator: initiator
        ).insert(in: transaction, effects: effects)
    }

    static func checksum(_ source: String) -> String {
        SHA256.hash(data: Array(source.utf8)).reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}

extension ScriptRecord {
    init(_ row: Row) throws {
        self.init(
            id: try row.uuid(0), name: try row.text(1), version: try row.int(2), status: try row.text(3),
            content: try row.text(4), createdBy: try row.uuid(5), createdAt: try row.optionalTimestamp(6),
            updatedAt: try row.optionalTimestamp(7))
    }
}
