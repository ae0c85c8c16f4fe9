import ArgumentParser
import JobEngine
import SourceText

/// `hypjobs explain HJ-1042`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Explain an error code, or list them all.",
        discussion: """
            Examples:
              hypjobs explain HJ-1008
              hypjobs explain exit-codes
            """)

    @Argument(help: "A code such as HJ-1008, or 'exit-codes'.") var code: String?
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            switch code?.lowercased() {
            case nil: list(on: terminal)
            case "exit-codes": listExitCodes(on: terminal)
            case let wanted?: try explain(wanted, on: terminal)
            }
        }
    }

    private func explain(_ wanted: String, on terminal: Terminal) throws {
        let digits = wanted.hasPrefix("hj-") ? String(wanted.dropFirst(3)) : wanted
        let all = CommandCode.everywhere
        guard let found = all.first(where: { String($0.number) == digits || $0.label.lowercased() == wanted })
        else {
            let nearest = Spelling.nearest(wanted.uppercased(), among: all.map(\.label))
            throw Failure(
                .notFound, CommandCode.unknownCode, "Unknown code '\(code ?? "")'",
                help: nearest.map { "did you mean '\($0)'?" }
            ).thrown
        }
        guard !options.json else {
            terminal.print(found.json.prettyText)
            return
        }
        terminal.print(Style.bold("\(found.label): \(found.title)", if: terminal.usesColour))
        terminal.print("")
        terminal.print(found.explanation)
    }

    private func list(on terminal: Terminal) {
        let all = CommandCode.everywhere
        guard !options.json else {
            terminal.print(JSON.array(all.map(\.json)).prettyText)
            return
        }
        for code in all { terminal.print("\(code.label)  \(code.title)") }
    }

    private func listExitCodes(on terminal: Terminal) {
        var table = Table([("STATUS", .right), ("MEANING", .left)])
        for status in ExitStatus.allCases {
            table.add([Table.Cell(String(status.rawValue)), Table.Cell(status.meaning)])
        }
        table.lines(colour: terminal.usesColour).forEach(terminal.print)
    }
}

extension DiagnosticCode {
    fileprivate var json: JSON {
        ["code": .string(label), "title": .string(title), "explanation": .string(explanation)]
    }
}
