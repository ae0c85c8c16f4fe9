/// What is to be done, given the files and the history: no database, no side effect.
package struct MigrationPlan: Sendable {
    /// Every version that either of them knows, in order.
    package let statuses: [MigrationStatus]
    private let migrations: [Migration]

    package init(migrations: [Migration], history: [AppliedMigration]) throws(MigrationError) {
        self.migrations = try Self.sorted(migrations)
        let applied = Dictionary(history.map { ($0.version, $0) }) { first, _ in first }
        let known = Set(migrations.map(\.version))
        var statuses = self.migrations.map { Self.status(of: $0, applied[$0.version]) }
        for row in history where !known.contains(row.version) {
            statuses.append(
                MigrationStatus(version: row.version, name: row.name, state: .missing(at: row.appliedAt)))
        }
        self.statuses = statuses.sorted { Migration.isVersion($0.version, before: $1.version) }
    }

    /// Everything that is wrong, in the order of the versions.
    package var findings: [MigrationError] {
        var findings: [MigrationError] = []
        let lastApplied = statuses.last { $0.state != .pending }?.version
        for status in statuses {
            switch status.state {
            case .applied: break
            case .changed(_, let stored, let present):
                findings.append(Self.changedError(status, stored: stored, present: present))
            case .missing:
                findings.append(
                    MigrationError(
                        .missing, "Migration \(status.label) was applied, but its file is missing",
                        version: status.version))
            case .pending:
                guard let lastApplied, Migration.isVersion(status.version, before: lastApplied) else { break }
                findings.append(
                    MigrationError(
                        .outOfOrder,
                        "Migration \(status.label) is not applied, but the later \(lastApplied) is",
                        version: status.version))
            }
        }
        return findings
    }

    /// The migrations to apply, in order, up to and including a version, or all.
    package func up(to version: String?) throws(MigrationError) -> [Migration] {
        if let finding = findings.first { throw finding }
        if let version, !statuses.contains(where: { $0.version == version }) {
            throw MigrationError(.unknownVersion, "There is no migration with version '\(version)'")
        }
        let pending = Set(statuses.filter { $0.state == .pending }.map(\.version))
        return migrations.filter { migration in
            guard pending.contains(migration.version) else { return false }
            return version.map { !Migration.isVersion($0, before: migration.version) } ?? true
        }
    }

    /// The migrations to take back, the last applied first.
    package func down(steps: Int) throws(MigrationError) -> [Migration] {
        if let finding = findings.first(where: { $0.code != .outOfOrder }) { throw finding }
        let applied = Set(statuses.filter { $0.state != .pending }.map(\.version))
        let chosen = migrations.reversed().filter { applied.contains($0.version) }.prefix(max(0, steps))
        for migration in chosen where migration.down.isEmpty && !migration.up.isEmpty {
            throw MigrationError(
                .irreversible, "Migration \(migration.label) has no statements that take it back",
                version: migration.version)
        }
        return Array(chosen)
    }

    private static func sorted(_ migrations: [Migration]) throws(MigrationError) -> [Migration] {
        let sorted = migrations.sorted { Migration.isVersion($0.version, before: $1.version) }
        // 7 and 007 are the same place in the order, too.
        for (first, second) in zip(sorted, sorted.dropFirst())
        where !Migration.isVersion(first.version, before: second.version) {
            let places = [first, second].map { $0.source ?? $0.name }
            throw MigrationError(
                .duplicateVersion, "Version '\(first.version)' is used twice: \(places[0]) and \(places[1])",
                version: first.version)
        }
        return sorted
    }

    private static func status(of migration: Migration, _ applied: AppliedMigration?) -> MigrationStatus {
        let state: MigrationStatus.State
        if let applied {
            let present = migration.checksum
            state =
                present == applied.checksum
                ? .applied(at: applied.appliedAt, by: applied.appliedBy)
                : .changed(at: applied.appliedAt, stored: applied.checksum, present: present)
        } else {
            state = .pending
        }
        return MigrationStatus(version: migration.version, name: migration.name, state: state)
    }

    private static func changedError(_ status: MigrationStatus, stored: String, present: String)
        -> MigrationError
    {
        MigrationError(
            .changed,
            "Migration \(status.label) was edited after it was applied: "
                + "the history has checksum \(stored), the file has \(present)",
            version: status.version)
    }
}

extension Migration {
    /// `20240101000001 (initial_schema)`
    var label: String { "\(version) (\(name))" }
}

extension MigrationStatus {
    fileprivate var label: String { "\(version) (\(name))" }
}
