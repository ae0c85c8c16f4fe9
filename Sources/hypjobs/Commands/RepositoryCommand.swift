import ArgumentParser
import HypnoScript
import JobEngine
import SourceText

/// `hypjobs repo …`.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repo", abstract: "List and call the methods of the repositories.",
        subcommands: [List.self, Call.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the methods with their arguments and what they give back.")
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                let settings = try Settings.load(options)
                let methods = try settings.repositories(settings.database.dialect).all
                guard !options.json else {
                    return terminal.print(JSON.array(methods.map(\.json)).prettyText)
                }
                guard !methods.isEmpty else {
                    return terminal.note(
                        "The configuration has no repositories: see 'hypjobs explain HJ-4012'")
                }
                for method in methods {
                    let names = method.argumentNames.joined(separator: ", ")
                    terminal.print("\(method.name)(\(names)) → \(method.returns.text)")
                }
            }
        }
    }

    struct Call: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "call", abstract: "Call a method and print what it gives back as JSON.",
            discussion: """
                Examples:
                  hypjobs repo call ScriptRepository.findByName name=hello
                  hypjobs repo call ScriptRepository.search search_term=total
                """)

        @Argument(help: "The method: Repository.method.") var method: String
        @Argument(help: ArgumentHelp("Arguments, as name=value.", valueName: "name=value")) var arguments:
            [String] = []
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                let arguments = ScriptValue(try ArgumentList.object(arguments))
                try await Workplace.use(options) { workplace in
                    let value = try await workplace.store.call(method, arguments, by: workplace.initiator)
                    terminal.print(JSON(value).prettyText)
                }
            }
        }
    }
}

extension RepositoryMethod {
    fileprivate var json: JSON {
        [
            "name": .string(name), "arguments": .array(argumentNames.map(JSON.string)),
            "entity": .string(entity), "returns": .string(returns.text), "writes": .bool(writes),
        ]
    }
}

extension RepositoryMethod.Returns {
    fileprivate var text: String {
        switch self {
        case .boolean: "boolean"
        case .one(let name): name
        case .many(let name): "\(name)[]"
        }
    }
}
