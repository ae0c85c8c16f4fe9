import ArgumentParser
import Effects
import JobEngine

/// `hypjobs prune`.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove history that has been kept for long enough.",
        discussion: """
            Executions that have ended go with their attempts, output and steps. What waits or runs stays, \
            and so does what belongs to a batch that goes on. Without options the block 'worker', \
            'retention' of the configuration says how long what is kept; workers remove it as well.

            Examples:
              hypjobs prune --dry-run
              hypjobs prune --completed-days 7 --failed-days 90 --yes
            """)

    @Option(help: ArgumentHelp("Completed executions that ended so long ago.", valueName: "days"))
    var completedDays: Double?
    @Option(help: ArgumentHelp("Failed ones.", valueName: "days")) var failedDays: Double?
    @Option(help: ArgumentHelp("Cancelled ones.", valueName: "days")) var cancelledDays: Double?
    @Option(help: ArgumentHelp("Entries of the audit trail.", valueName: "days")) var auditDays: Double?
    @Flag(help: "Count what would go, and remove nothing.") var dryRun = false
    @Flag(help: "Remove it; nothing is without this.") var yes = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        for (name, days) in [
            ("completed", completedDays), ("failed", failedDays), ("cancelled", cancelledDays),
            ("audit", auditDays),
        ] {
            guard let days, !RetentionSettings.range.contains(days) else { continue }
            throw ValidationError("--\(name)-days is from 0 to 36500, found \(days)")
        }
    }

    mutating func run() async throws {
        try await options.perform { terminal in
            try await Workplace.use(options) { workplace in
                let retention = retention(workplace.settings.worker.retention)
                guard !retention.isEmpty else {
                    throw Failure(
                        .usage, CommandCode.invalidInput, "Nothing says how long history is kept",
                        help: "give --completed-days, or write 'retention' in the block 'worker'"
                    ).thrown
                }
                let prunable = try await workplace.store.prunable(retention)
                guard !dryRun else { return report(prunable, key: "would_remove", terminal) }
                guard yes || prunable == Pruned() else {
                    throw Failure(
                        .usage, CommandCode.needsYes, "This removes \(Self.words(prunable))",
                        help: "add --yes to do it, --dry-run to look"
                    ).thrown
                }
                report(try await prune(retention, in: workplace), key: "removed", terminal)
            }
        }
    }

    /// What the options say; what the configuration says where there are none.
    private func retention(_ settings: RetentionSettings) -> Retention {
        var settings = settings
        if completedDays != nil || failedDays != nil || cancelledDays != nil || auditDays != nil {
            settings.completedDays = completedDays
            settings.failedDays = failedDays
            settings.cancelledDays = cancelledDays
            settings.auditDays = auditDays
        }
        return Retention(settings)
    }

    /// Transaction after transaction, until one has found less than it might remove.
    private func prune(_ retention: Retention, in workplace: Workplace) async throws -> Pruned {
        var sum = Pruned()
        while true {
            let part = try await workplace.store.prune(retention, by: workplace.initiator)
            sum.executions += part.executions
            sum.auditLogs += part.auditLogs
            if part.isElsewhere {
                try await workplace.effects.time.sleep(for: .milliseconds(50))
            } else if !part.isMore {
                return sum
            }
        }
    }

    private func report(_ pruned: Pruned, key: String, _ terminal: Terminal) {
        if options.json {
            let counts: JSON = [
                "executions": .integer(pruned.executions), "audit_logs": .integer(pruned.auditLogs),
            ]
            terminal.print(JSON.object([JSON.Member(key, counts)]).prettyText)
        } else {
            terminal.print("\(key.replacing("_", with: " ")) \(Self.words(pruned))")
        }
    }

    private static func words(_ pruned: Pruned) -> String {
        let audit =
            pruned.auditLogs == 1
            ? "1 entry of the audit trail" : "\(Format.count(pruned.auditLogs)) entries of the audit trail"
        return "\(Format.count(pruned.executions, "execution")) and \(audit)"
    }
}

extension Retention {
    /// What the configuration says, in the engine's words.
    init(_ settings: RetentionSettings) {
        self.init()
        completed = settings.completedDays.map { .seconds($0 * 86_400) }
        failed = settings.failedDays.map { .seconds($0 * 86_400) }
        cancelled = settings.cancelledDays.map { .seconds($0 * 86_400) }
        auditLogs = settings.auditDays.map { .seconds($0 * 86_400) }
        batch = settings.batch
    }
}
