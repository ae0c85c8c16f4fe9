import ArgumentParser
import JobEngine

/// `hypjobs init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a configuration and a first program into a folder.",
        discussion: "Never overwrites: files that are there stay as they are.")

    @Argument(help: "The folder; this one by default.", completion: .directory) var directory = "."
    @OptionGroup var options: GlobalOptions

    mutating func run() async throws {
        try await options.perform { terminal in
            let prefix = directory == "." ? "" : directory + "/"
            var written: [String] = []
            var kept: [String] = []
            for file in Starter.files {
                let path = prefix + file.path
                guard !NewFile.exists(path) else {
                    kept.append(path)
                    continue
                }
                if let slash = path.lastIndex(of: "/") { try NewFile.makeDirectory(String(path[..<slash])) }
                try NewFile.write(file.content, to: path)
                written.append(path)
            }
            if options.json {
                terminal.print(
                    JSON.object([
                        JSON.Member("written", .array(written.map(JSON.string))),
                        JSON.Member("kept", .array(kept.map(JSON.string))),
                    ]).prettyText)
            } else {
                report(written: written, kept: kept, on: terminal)
            }
        }
    }

    private func report(written: [String], kept: [String], on terminal: Terminal) {
        written.forEach { terminal.print("wrote \($0)") }
        kept.forEach { terminal.note("kept  \($0), which was there") }
        terminal.note("\nNext:")
        if directory != "." { terminal.note("  cd \(directory)") }
        terminal.note("  hypjobs check                           is everything right?")
        terminal.note(
            "  hypjobs up                              database, programs and a worker, until Ctrl-C")
        terminal.note("  hypjobs enqueue hello name=Ada --wait   in a second terminal")
    }
}
