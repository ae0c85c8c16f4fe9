import HypConfig

/// The scripts of the installation and the jobs that run them.
struct JobSettings: Sendable, Hashable {
    /// A script with what it is run with.
    struct Definition: Sendable, Hashable {
        /// What people call the job.
        var name: String
        /// The script: the name of its file in the jobs directory, without `.hyp`.
        var script: String
        /// What the job is for.
        var description: String
        /// What the script is given, by name.
        var arguments: [ArgumentValue.Field]
        /// Where it waits.
        var queue: String
        /// Smaller numbers are claimed first.
        var priority: Int
        /// The template that it runs by; nil for the engine's own.
        var template: String?
        /// How often it is tried; nil for what the template says.
        var maxAttempts: Int?
        /// What its queue's limit for each key counts by.
        var key: String?
    }

    /// The directory with the scripts; relative to the working directory or absolute.
    var directory: String
    /// Whether the configuration names it.
    var isDirectoryNamed: Bool
    /// The jobs in the order of the configuration; names differ.
    var definitions: [Definition]

    init(reading reader: inout ConfigReader, templates: [String], project: ProjectDirectory) {
        let written = reader.value(
            "directory", .text, default: "jobs",
            "Where scripts lie, relative to the directory that the configuration directory lies in.")
        directory = project.path(of: written)
        isDirectoryNamed = reader.has("directory")
        definitions = reader.table("definitions", "A script with what it is run with.") { name, job in
            Definition(name: name, reading: &job, templates: templates)
        }
    }
}

extension JobSettings.Definition {
    fileprivate init(name: String, reading reader: inout ConfigReader, templates: [String]) {
        self.name = name
        script = reader.value("script", .text, "The file in the jobs directory, without .hyp.")
        description = reader.value(
            "description", .text(allowsEmpty: true), default: "", "What the job is for.")
        arguments = reader.value("arguments", .arguments, default: [], "What the script is given, by name.")
        if arguments.contains(where: { $0.name == "result" }) {
            reader.refuse(
                "arguments", ConfigMeaningCode.contradiction, "an argument cannot be called 'result'",
                help: "that variable is where a program leaves its result; rename the argument")
        }
        queue = reader.value("queue", .identifier("a queue"), default: "default", "Where it waits.")
        priority = reader.value(
            "priority", .integer(-1000...1000), default: 0, "Smaller numbers are claimed first.")
        template = reader.optional(
            "template", .name(of: "a template in 'transactions'", among: templates),
            "The template that it runs by.")
        maxAttempts = reader.optional("max_attempts", .integer(1...101), "How often it is tried.")
        key = reader.optional(
            "key", .concurrencyKey, "What the limit 'max_running_per_key' of its queue counts by.")
        for key in ["schedule", "batch"] {
            reader.notYet(key, help: "start the job with 'hypjobs enqueue', for instance from a timer")
        }
    }
}
