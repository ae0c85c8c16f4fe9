import ArgumentParser
import Glibc
import JobEngine
import SourceText

/// What a command says about a script's box.
struct BoxOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Grant a capability: output, clock, random, sleep, stdin, process, database, files=DIRECTORY, \
            modules=DIRECTORY, environment=NAME,NAME. May be repeated.
            """, valueName: "capability"))
    var allow: [String] = []
    @Option(help: ArgumentHelp("Take a capability away. May be repeated.", valueName: "capability"))
    var deny: [String] = []
    @Option(
        help: ArgumentHelp(
            "Set a limit: instructions, memory_bytes, call_depth, output_bytes or seconds. May be repeated.",
            valueName: "name=value"))
    var limit: [String] = []
    @Option(
        help: ArgumentHelp(
            "Which runs keep what they got from outside, to be replayed: none, failed or all.",
            valueName: "mode"))
    var record: String?

    /// The rules that the options say together.
    func rules() throws(JobEngineError) -> BoxRules {
        var members: [JSON.Member] = []
        for word in allow { members.append(try BoxOptions.granted(word)) }
        for name in deny {
            guard BoxCapability(rawValue: name) != nil else { throw BoxOptions.unknown(name) }
            members.append(JSON.Member(name, .bool(false)))
        }
        for word in limit {
            let (name, value) = BoxOptions.parts(of: word)
            guard BoxRules.limitNames.contains(name) else {
                let nearest = Spelling.nearest(name, among: BoxRules.limitNames)
                throw JobEngineError(
                    .invalidBox, "There is no limit '\(name)'", help: nearest.map { "did you mean '\($0)'?" })
            }
            // What is no number is refused with the limit's own range.
            members.append(JSON.Member(name, Double(value ?? "") == nil ? .null : .number(value ?? "")))
        }
        if let record { members.append(JSON.Member("record", .string(record))) }
        return try BoxRules(.object(members))
    }

    private static func granted(_ word: String) throws(JobEngineError) -> JSON.Member {
        let (name, value) = parts(of: word)
        switch BoxCapability(rawValue: name) {
        case nil: throw unknown(name)
        case .files?, .modules?:
            guard let value else { throw wants(name, "a directory: --allow \(name)=DIRECTORY") }
            guard let path = realpath(value, nil) else {
                throw wants(name, "a directory that is there, found '\(value)'")
            }
            defer { free(path) }
            return JSON.Member(name, .string(String(cString: path)))
        case .environment?:
            let names = (value ?? "").split(separator: ",").map { JSON.string(String($0)) }
            guard !names.isEmpty else { throw wants(name, "names: --allow environment=NAME,NAME") }
            return JSON.Member(name, .array(names))
        default:
            guard value == nil else { throw wants(name, "no value: --allow \(name)") }
            return JSON.Member(name, .bool(true))
        }
    }

    private static func parts(of word: String) -> (name: String, value: String?) {
        guard let sign = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<sign]), String(word[word.index(after: sign)...]))
    }

    private static func unknown(_ name: String) -> JobEngineError {
        let nearest = Spelling.nearest(name, among: BoxCapability.allCases.map(\.rawValue))
        return JobEngineError(
            .invalidBox, "There is no capability '\(name)'", help: nearest.map { "did you mean '\($0)'?" })
    }

    private static func wants(_ name: String, _ what: String) -> JobEngineError {
        JobEngineError(.invalidBox, "The capability '\(name)' wants \(what)")
    }
}

extension ScriptCommand {
    /// `hypjobs script box NAME`.
    struct Box: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "box", abstract: "Show and change what a program may do and use.",
            discussion: """
                A program may print, ask for the time and for random numbers. Everything else is granted \
                here, or in the blocks 'worker' and 'scripts' of the configuration; the latter has the last \
                word. A queue takes away what its key 'deny' names. Workers notice a change with their next \
                heartbeat.

                Examples:
                  hypjobs script box report
                  hypjobs script box report --allow sleep --allow files=data --limit seconds=30
                  hypjobs script box report --deny files --record failed
                """)

        @Argument(help: "The program's name.") var name: String
        @OptionGroup var box: BoxOptions
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                let rules = try box.rules()
                let purpose: Workplace.Purpose = rules == .none ? .looking : .changing
                try await Workplace.use(options, for: purpose) { workplace in
                    let stored =
                        rules == .none
                        ? try await workplace.store.boxRules(of: name)
                        : try await workplace.store.setBox(of: name, rules, by: workplace.initiator)
                    let effective = workplace.settings.boxes.box(of: name, stored: stored, in: "").rules
                    if options.json {
                        let document: JSON = [
                            "script": .string(name), "stored": stored.json, "effective": effective.json,
                        ]
                        terminal.print(document.prettyText)
                    } else {
                        effective.lines.forEach(terminal.print)
                    }
                }
            }
        }
    }
}

extension BoxRules {
    /// A line for each capability and limit.
    fileprivate var lines: [String] {
        BoxRules.keys.map { key in
            let name = key + String(repeating: " ", count: max(1, 14 - key.count))
            switch json[key: key] {
            case nil: return name + "no limit"
            case .bool(true)?: return name + "granted"
            case .bool(false)?, .null?: return name + "-"
            case .string(let text)?, .number(let text)?: return name + text
            case .array(let elements)?:
                let names = elements.map { element in
                    if case .string(let text) = element { text } else { element.text }
                }
                return name + names.joined(separator: ", ")
            case .object(_)?: return name
            }
        }
    }
}
