import FoundationEssentials
import HypnoScript
import SourceText
import Testing

/// One program of `jobs/` with what its fixtures say about it.
struct SampleJob: Sendable, CustomTestStringConvertible {
    /// What the fixtures expect at the end of the run.
    enum Expectation: Sendable {
        case result(ScriptValue)
        case failure(line: Int, message: String)
    }

    let name: String
    let source: SourceFile
    let arguments: [(String, ScriptValue)]
    let output: String
    let expectation: Expectation

    var testDescription: String { name }

    /// Reads a program and its fixtures; a missing one is an error that names the file.
    init(named name: String) throws {
        let fixture = Self.fixtures.appending(path: name)
        self.name = name
        source = SourceFile(
            name: "jobs/\(name).hyp", text: try Self.text(of: Self.programs.appending(path: "\(name).hyp")))
        guard case .object(let members) = try Self.json(in: fixture.appendingPathExtension("arguments.json"))
        else { throw FixtureError(text: "\(name).arguments.json holds no object") }
        arguments = members
        output = try Self.text(of: fixture.appendingPathExtension("out"))
        expectation = try Self.expectation(at: fixture)
    }

    /// The names of all programs, found by looking: a new program without fixtures fails its test.
    static func allNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: programs.path)
            .filter { $0.hasSuffix(".hyp") }
            .map { String($0.dropLast(4)) }
            .sorted()
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let programs = root.appending(path: "jobs")
    private static let fixtures = root.appending(path: "Tests/JobsTests/Fixtures")

    private static func expectation(at fixture: URL) throws -> Expectation {
        let failure = fixture.appendingPathExtension("err")
        guard FileManager.default.fileExists(atPath: failure.path) else {
            return .result(try json(in: fixture.appendingPathExtension("result.json")))
        }
        let parts = try text(of: failure).trimmingSuffix { $0 == "\n" }.split(separator: ": ", maxSplits: 1)
        guard parts.count == 2, let line = Int(parts[0]) else {
            throw FixtureError(text: "\(failure.lastPathComponent) is not 'LINE: MESSAGE'")
        }
        return .failure(line: line, message: String(parts[1]))
    }

    private static func text(of file: URL) throws -> String {
        guard let data = FileManager.default.contents(atPath: file.path),
            let text = String(validating: data, as: UTF8.self)
        else { throw FixtureError(text: "\(file.lastPathComponent) is missing or no UTF-8") }
        return text
    }

    private static func json(in file: URL) throws -> ScriptValue {
        try JSONDecoder().decode(JSONScriptValue.self, from: Data(try text(of: file).utf8)).value
    }
}

/// A fixture that is not there or not in its form.
struct FixtureError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

/// Reads JSON into a script's values; members come in the order of their names, since a decoder forgets the
/// written one.
private struct JSONScriptValue: Decodable {
    let value: ScriptValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .null
        } else if let bool = try? container.decode(Bool.self) {  // `try?`: the next kind is tried.
            value = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            value = .number(number)
        } else if let text = try? container.decode(String.self) {
            value = .string(text)
        } else if let elements = try? container.decode([JSONScriptValue].self) {
            value = .array(elements.map(\.value))
        } else {
            let members = try container.decode([String: JSONScriptValue].self)
            value = .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) })
        }
    }
}

extension ScriptValue {
    /// The same value with the members of every object in the order of their names.
    var inNameOrder: ScriptValue {
        switch self {
        case .null, .bool, .number, .string: self
        case .array(let elements): .array(elements.map(\.inNameOrder))
        case .object(let members):
            .object(members.sorted { $0.0 < $1.0 }.map { ($0.0, $0.1.inNameOrder) })
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> Substring {
        var rest = self[...]
        while let last = rest.last, matches(last) { rest.removeLast() }
        return rest
    }
}
