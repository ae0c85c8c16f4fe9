import ArgumentParser

/// `hypjobs check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration and all programs, without a database.",
        discussion: """
            Without files: the configuration directory, its migrations, and every program in the jobs \
            directory. With files: those programs and single configuration files. Status 3 when something \
            is wrong. Warnings are about what runs and is probably not meant; they count with --strict \
            only.

            With --fix, misspelt words are put right where an error names one word that is meant: names of \
            the library, words of the language, keys and operations of the configuration. Nothing else \
            in the files changes. The findings and the status are those of the repaired files. With \
            --dry-run nothing is written, and only the difference is printed.

            Examples:
              hypjobs check
              hypjobs check jobs/hello.hyp
              hypjobs check --fix --dry-run
              hypjobs check --strict --dialect reference lesson.hyp
            """)

    @Argument(help: "Programs or configuration files.", completion: .file(extensions: ["hyp"]))
    var files: [String] = []
    @Flag(help: "Let warnings count as errors.") var strict = false
    @Flag(help: "Put misspelt words right.") var fix = false
    @Flag(help: "With --fix: print the difference, and write nothing.") var dryRun = false
    @Option(help: "The language of the programs: documented or reference.") var dialect =
        ExecCommand.Dialect.documented
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !dryRun || fix else { throw ValidationError("--dry-run goes with --fix") }
        guard !fix || !files.contains("-") else {
            throw ValidationError("'-' is standard input, which --fix cannot write")
        }
    }

    mutating func run() async throws {
        try await options.perform { terminal in
            let (files, options) = (files, options)
            let task = CheckReport.Task(dialect: dialect.meaning, repairs: fix, isDry: dryRun)
            // On a thread with a big stack: programs may nest deeply.
            let report = try await ScriptThread.run {
                files.isEmpty
                    ? try CheckReport(installation: options, task)
                    : try CheckReport(files: files, task)
            }
            report.print(on: terminal, json: options.json)
            if let status = report.status(strict: strict) { throw CommandFailure(status) }
        }
    }
}
