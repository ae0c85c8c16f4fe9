import Database
import Effects
import JobEngine
import Migrations

/// Where a benchmark runs: on the configured server in a schema of its own, or in a SQLite file of its own
/// beside the configured one, so that nothing of the installation is touched.
struct BenchPlace: Sendable {
    let settings: Settings
    private let schema: TemporarySchema?

    init(settings: Settings, ids: any IDGenerator) {
        var settings = settings
        let name = "hypjobs_bench_" + String(ids.next().low, radix: 16)
        switch settings.database {
        case .sqlite(var sqlite):
            sqlite.file = "\(InputDirectory.parent(of: sqlite.file))/.\(name).sqlite"
            settings.database = .sqlite(sqlite)
            schema = nil
        case .postgresql(var postgresql):
            postgresql.primary.schema = name
            postgresql.replicas = []
            settings.database = .postgresql(postgresql)
            schema = TemporarySchema(name: name)
        }
        // The programs and queues of the installation have no part in it.
        settings.worker.queues = ["default"]
        self.settings = settings
    }

    /// What a person finds there should the process be killed.
    var name: String { schema?.name ?? settings.databaseName }

    func open(_ purpose: Workplace.Purpose = .serving) throws -> Workplace {
        try Workplace(settings: settings, for: purpose, limitsStatements: false, createsDatabase: true)
    }

    /// Makes the tables.
    func prepare() async throws {
        let workplace = try open(.changing)
        try await closing(workplace) {
            if let schema { try await schema.create(in: workplace.database) }
            try await workplace.migrator().up()
        }
    }

    /// Takes everything away again.
    func remove() async throws {
        guard let schema else {
            guard case .sqlite(let sqlite) = settings.database else { return }
            for suffix in ["", "-wal", "-shm"] { InputDirectory.remove(sqlite.file + suffix) }
            return
        }
        let workplace = try open(.changing)
        try await closing(workplace) { try await schema.drop(from: workplace.database) }
    }

    private func closing(_ workplace: Workplace, _ body: () async throws -> Void) async throws {
        do { try await body() } catch {
            await workplace.database.close()
            throw error
        }
        await workplace.database.close()
    }
}
