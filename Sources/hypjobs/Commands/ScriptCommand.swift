import ArgumentParser
import Effects
import JobEngine
import SourceText

/// `hypjobs script …`.
struct ScriptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script", abstract: "Add, list, show and archive the programs that can be run.",
        subcommands: [Add.self, List.self, Show.self, Archive.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add programs, or new versions of them.",
            discussion: """
                A program's name is its file's, without '.hyp'. A name that exists gets a new version, \
                unless the text is the same; executions keep the version that they were enqueued with. \
                Either all of the programs parse or none is added.

                Example: hypjobs script add jobs/*.hyp
                """)

        @Argument(help: "The programs' files.", completion: .file(extensions: ["hyp"])) var files: [String]
        @Option(help: "Another name than the file's; for one file only.") var name: String?
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard name == nil || files.count == 1 else {
                throw ValidationError("--name goes with one file, found \(files.count)")
            }
        }

        mutating func run() async throws {
            try await options.perform { terminal in
                let sources = try files.map { SourceFile(name: $0, text: try InputFile.text($0)) }
                try checkAll(sources)
                try await Workplace.use(options) { workplace in
                    var results: [JSON] = []
                    for source in sources {
                        let name = name ?? ScriptFile.name(of: source.name)
                        let addition = try await workplace.store.addScript(
                            name: name, source: source.text, file: source.name, by: workplace.initiator)
                        results.append(addition.json(name: name))
                        if !options.json { terminal.print(addition.line(name: name)) }
                    }
                    if options.json { terminal.print(JSON.array(results).prettyText) }
                }
            }
        }

        private func checkAll(_ sources: [SourceFile]) throws {
            let findings = sources.compactMap(ScriptFile.finding)
            guard findings.isEmpty else { throw Failure(.configuration, findings).thrown }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the programs.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let scripts = try await workplace.store.scripts()
                    guard !options.json else {
                        terminal.print(JSON.array(scripts.map { $0.json(source: false) }).prettyText)
                        return
                    }
                    guard !scripts.isEmpty else {
                        terminal.note("No programs yet. Add some: hypjobs script add FILE.hyp")
                        return
                    }
                    var table = Table([
                        ("SCRIPT", .left), ("VERSION", .right), ("STATUS", .left), ("UPDATED", .left),
                    ])
                    let now = workplace.effects.time.now()
                    for script in scripts {
                        let updated = script.updatedAt.map { Format.relative($0, to: now) } ?? ""
                        table.add(
                            [script.name, String(script.version), script.status, updated].map {
                                Table.Cell($0)
                            })
                    }
                    table.lines(colour: terminal.usesColour).forEach(terminal.print)
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print a program's source.")
        @Argument(help: "The program's name.") var name: String
        @Option(help: "Which version; the newest by default.") var version: Int?
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    let script = try await workplace.store.script(name, version: version)
                    if options.json {
                        terminal.print(script.json(source: true).prettyText)
                    } else {
                        terminal.write(script.content)
                    }
                }
            }
        }
    }

    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "archive", abstract: "Take a program out of use; what is enqueued still runs.")
        @Argument(help: "The program's name.") var name: String
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    try await workplace.store.archiveScript(name, by: workplace.initiator)
                    if options.json {
                        terminal.print(JSON.object([JSON.Member("archived", .string(name))]).prettyText)
                    } else {
                        terminal.print("archived \(name)")
                    }
                }
            }
        }
    }
}

/// Programs as files.
enum ScriptFile {
    /// The file's name without folders and without `.hyp`.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".hyp") ? String(file.dropLast(4)) : file
    }

    /// The syntax error in a program, if there is one.
    static func finding(in source: SourceFile) -> Diagnostic? {
        do {
            try JobStore.validate(source.text, file: source.name)
            return nil
        } catch {
            return error.diagnostic
        }
    }
}

extension ScriptAddition {
    fileprivate func line(name: String) -> String {
        switch self {
        case .created: "added \(name), version 1"
        case .newVersion(_, let version): "added \(name), version \(version)"
        case .unchanged(_, let version): "unchanged \(name), version \(version)"
        }
    }

    fileprivate func json(name: String) -> JSON {
        let (id, version, isNew) =
            switch self {
            case .created(let id): (id, 1, true)
            case .newVersion(let id, let version): (id, version, true)
            case .unchanged(let id, let version): (id, version, false)
            }
        return [
            "name": .string(name), "id": .string(id.description), "version": .integer(version),
            "added": .bool(isNew),
        ]
    }
}

extension ScriptRecord {
    fileprivate func json(source: Bool) -> JSON {
        var members = [
            JSON.Member("name", .string(name)), JSON.Member("id", .string(id.description)),
            JSON.Member("version", .integer(version)), JSON.Member("status", .string(status)),
            JSON.Member("created_at", createdAt.map { .string($0.rfc3339) } ?? .null),
            JSON.Member("updated_at", updatedAt.map { .string($0.rfc3339) } ?? .null),
        ]
        if source { members.append(JSON.Member("source", .string(content))) }
        return .object(members)
    }
}
