import SourceText

/// What somebody says about a script's box; nil leaves what it was.
package struct BoxRules: Sendable, Hashable {
    /// A grant that has a value, or its refusal.
    package enum Grant<Value: Sendable & Hashable>: Sendable, Hashable {
        case refused
        case granted(Value)

        var granted: Value? {
            guard case .granted(let value) = self else { return nil }
            return value
        }
    }

    package var output: Bool?
    package var clock: Bool?
    package var random: Bool?
    package var sleep: Bool?
    package var stdin: Bool?
    package var process: Bool?
    package var database: Bool?
    package var files: Grant<String>?
    package var modules: Grant<String>?
    package var environment: Grant<[String]>?

    package var instructions: Int?
    package var memoryBytes: Int?
    package var callDepth: Int?
    package var outputBytes: Int?
    package var time: Duration?
    package var recording: ScriptBox.Recording?

    package init() {}

    /// Rules that say nothing.
    package static let none = BoxRules()

    /// These rules, with what the others say in place of theirs.
    package func merging(_ other: BoxRules) -> BoxRules {
        var rules = self
        rules.output = other.output ?? output
        rules.clock = other.clock ?? clock
        rules.random = other.random ?? random
        rules.sleep = other.sleep ?? sleep
        rules.stdin = other.stdin ?? stdin
        rules.process = other.process ?? process
        rules.database = other.database ?? database
        rules.files = other.files ?? files
        rules.modules = other.modules ?? modules
        rules.environment = other.environment ?? environment
        rules.instructions = other.instructions ?? instructions
        rules.memoryBytes = other.memoryBytes ?? memoryBytes
        rules.callDepth = other.callDepth ?? callDepth
        rules.outputBytes = other.outputBytes ?? outputBytes
        rules.time = other.time ?? time
        rules.recording = other.recording ?? recording
        return rules
    }

    /// The values that a limit may have.
    package enum Range {
        package static let instructions = 1...Int.max
        package static let memoryBytes = 65_536...Int.max
        package static let callDepth = 10...100_000
        package static let outputBytes = 0...1_073_741_824
        package static let seconds = 0.001...604_800
    }
}

// MARK: - Text

extension BoxRules {
    /// `sleep: true, files: "/srv/data", memory_bytes: …` as one JSON object, in a fixed order; what is not
    /// said is missing.
    package var json: JSON {
        var members: [JSON.Member] = []
        func add(_ key: String, _ value: JSON?) {
            if let value { members.append(JSON.Member(key, value)) }
        }
        func text(_ grant: Grant<String>?) -> JSON? {
            grant.map { $0.granted.map(JSON.string) ?? .bool(false) }
        }
        add("output", output.map(JSON.bool))
        add("clock", clock.map(JSON.bool))
        add("random", random.map(JSON.bool))
        add("sleep", sleep.map(JSON.bool))
        add("stdin", stdin.map(JSON.bool))
        add("process", process.map(JSON.bool))
        add("database", database.map(JSON.bool))
        add("files", text(files))
        add("modules", text(modules))
        add("environment", environment.map { $0.granted.map { .array($0.map(JSON.string)) } ?? .bool(false) })
        add("instructions", instructions.map(JSON.integer))
        add("memory_bytes", memoryBytes.map(JSON.integer))
        add("call_depth", callDepth.map(JSON.integer))
        add("output_bytes", outputBytes.map(JSON.integer))
        add("seconds", time.map { .number(Self.seconds($0)) })
        add("record", recording.map { .string($0.rawValue) })
        return .object(members)
    }

    /// Reads what `json` wrote, or an operator by hand.
    ///
    /// - Throws: `JobEngineError.invalidBox` that names the member.
    package init(_ json: JSON) throws(JobEngineError) {
        self.init()
        guard case .object(let members) = json else {
            throw JobEngineError(.invalidBox, "The rules of a box are one object")
        }
        for member in members { try set(member.key, to: member.value) }
    }

    private mutating func set(_ key: String, to value: JSON) throws(JobEngineError) {
        switch key {
        case "output": output = try Self.flag(key, value)
        case "clock": clock = try Self.flag(key, value)
        case "random": random = try Self.flag(key, value)
        case "sleep": sleep = try Self.flag(key, value)
        case "stdin": stdin = try Self.flag(key, value)
        case "process": process = try Self.flag(key, value)
        case "database": database = try Self.flag(key, value)
        case "files": files = try Self.directory(key, value)
        case "modules": modules = try Self.directory(key, value)
        case "environment": environment = try Self.names(key, value)
        case "instructions": instructions = try Self.count(key, value, Range.instructions)
        case "memory_bytes": memoryBytes = try Self.count(key, value, Range.memoryBytes)
        case "call_depth": callDepth = try Self.count(key, value, Range.callDepth)
        case "output_bytes": outputBytes = try Self.count(key, value, Range.outputBytes)
        case "seconds":
            guard case .number(let text) = value, let seconds = Double(text), Range.seconds.contains(seconds)
            else { throw Self.wrong(key, "a number of seconds from 0.001 to 604800") }
            time = .milliseconds(Int64((seconds * 1000).rounded()))
        case "record":
            guard case .string(let text) = value, let mode = ScriptBox.Recording(rawValue: text) else {
                throw Self.wrong(key, "none, failed or all")
            }
            recording = mode
        default:
            let nearest = Spelling.nearest(key, among: Self.keys)
            throw JobEngineError(
                .invalidBox, "A box has no rule '\(key)'", help: nearest.map { "did you mean '\($0)'?" })
        }
    }

    /// Every name that a rule may have.
    package static let keys =
        BoxCapability.allCases.map(\.rawValue) + limitNames + ["record"]
    package static let limitNames = ["instructions", "memory_bytes", "call_depth", "output_bytes", "seconds"]

    private static func flag(_ key: String, _ value: JSON) throws(JobEngineError) -> Bool {
        guard case .bool(let flag) = value else { throw wrong(key, "true or false") }
        return flag
    }

    private static func directory(_ key: String, _ value: JSON) throws(JobEngineError) -> Grant<String> {
        switch value {
        case .bool(false): return .refused
        case .string(let path) where path.hasPrefix("/"): return .granted(path)
        default: throw wrong(key, "an absolute path of a directory, or false")
        }
    }

    private static func names(_ key: String, _ value: JSON) throws(JobEngineError) -> Grant<[String]> {
        if value == .bool(false) { return .refused }
        guard case .array(let elements) = value else { throw wrong(key, "names of variables, or false") }
        var names: [String] = []
        for element in elements {
            guard case .string(let name) = element, !name.isEmpty, !name.contains("=") else {
                throw wrong(key, "names of variables, or false")
            }
            names.append(name)
        }
        return .granted(names)
    }

    private static func count(
        _ key: String, _ value: JSON, _ range: ClosedRange<Int>
    ) throws(JobEngineError) -> Int {
        guard case .number(let text) = value, let count = Int(text), range.contains(count) else {
            throw wrong(
                key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }

    private static func wrong(_ key: String, _ expected: String) -> JobEngineError {
        JobEngineError(.invalidBox, "'\(key)' of a box is \(expected)")
    }

    /// A duration as a number of seconds.
    package static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        guard milliseconds % 1000 != 0 else { return String(milliseconds / 1000) }
        return String(Double(milliseconds) / 1000)
    }
}
