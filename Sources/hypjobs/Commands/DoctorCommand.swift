import ArgumentParser
import Effects
import JobEngine

/// `hypjobs doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Examine the installation, and say what to do about what is found.",
        discussion: """
            The status is 4 if there is a problem; warnings alone leave it 0. Nothing is changed.
            """)
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            let findings = try await Workplace.use(options) { workplace in
                let facts = ExaminationFacts(
                    heartbeatTimeout: workplace.settings.worker.heartbeatTimeout,
                    connectionsPerWorker: workplace.settings.connectionsPerWorker)
                let stored = await workplace.store.examine(
                    facts, machineNow: Effects.live.time.now())
                return stored + (await workplace.settings.examination(workplace.effects))
            }
            report(findings, terminal)
            if findings.contains(where: { $0.level == .problem }) { throw CommandFailure(.environment) }
        }
    }

    private func report(_ findings: [Finding], _ terminal: Terminal) {
        guard !options.json else {
            let rows = findings.map { finding -> JSON in
                [
                    "check": .string(finding.check), "level": .string(finding.level.rawValue),
                    "message": .string(finding.message),
                    "help": finding.help.map { .string($0) } ?? .null,
                ]
            }
            terminal.print(JSON.array(rows).prettyText)
            return
        }
        let width = findings.map(\.check.count).max() ?? 0
        for finding in findings {
            let name = finding.check + String(repeating: " ", count: width - finding.check.count)
            let glyph = finding.level.style(finding.level.glyph, if: terminal.usesColour)
            terminal.print("\(glyph) \(name)  \(finding.message)")
            guard let help = finding.help else { continue }
            terminal.print("  \(String(repeating: " ", count: width))  → \(help)")
        }
    }
}

extension Finding.Level {
    fileprivate var glyph: String {
        switch self {
        case .ok: "✓"
        case .warning: "!"
        case .problem: "✗"
        }
    }

    fileprivate var style: Style {
        switch self {
        case .ok: .green
        case .warning: .yellow
        case .problem: .red
        }
    }
}
