import ArgumentParser
import JobEngine

/// `hypjobs job …`: the definitions of the configuration.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "List the job definitions of the configuration.",
        subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the job definitions.",
            discussion: "A definition is a program with what it is run with: hypjobs enqueue NAME")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                let jobs = try Settings.load(options).jobs.definitions
                guard !options.json else {
                    terminal.print(JSON.array(jobs.map(\.json)).prettyText)
                    return
                }
                guard !jobs.isEmpty else {
                    terminal.note("No job definitions. They stand in the block 'jobs' of the configuration.")
                    return
                }
                var table = Table([
                    ("JOB", .left), ("SCRIPT", .left), ("QUEUE", .left), ("PRIORITY", .right),
                    ("DESCRIPTION", .left),
                ])
                for job in jobs {
                    table.add(
                        [job.name, job.script, job.queue, String(job.priority), job.description].map {
                            Table.Cell($0)
                        })
                }
                table.lines(colour: terminal.usesColour).forEach(terminal.print)
            }
        }
    }
}

extension JobSettings.Definition {
    fileprivate var json: JSON {
        [
            "name": .string(name), "script": .string(script), "description": .string(description),
            "arguments": JSON(arguments), "queue": .string(queue), "priority": .integer(priority),
            "template": template.map { .string($0) } ?? .null,
            "key": key.map { .string($0) } ?? .null,
            "max_attempts": maxAttempts.map { .integer($0) } ?? .null,
        ]
    }
}
