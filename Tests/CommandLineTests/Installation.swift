import Glibc
import JobEngine
import TestSupport

/// A folder of its own with what `hypjobs init` writes into it, and the real program at work there.
struct Installation: Sendable {
    let directory: String

    /// Runs the program with words as a person types them, split at blanks.
    func run(
        _ words: String, _ more: [String] = [], input: String = "", environment: [String: String] = [:],
        shellPrefix: String? = nil, signalWhen: (@Sendable (String) -> Int32?)? = nil
    ) async throws -> CommandResult {
        let run = CommandRun(
            arguments: words.split(separator: " ").map(String.init) + more, directory: directory,
            environment: environment, input: input, shellPrefix: shellPrefix, signalWhen: signalWhen)
        return try await run.result()
    }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func write(_ text: String, to name: String) throws {
        guard let file = fopen(path(name), "w") else { throw SystemFailure("fopen \(name)") }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw SystemFailure("fputs \(name)") }
    }

    func text(of name: String) throws -> String {
        guard let file = fopen(path(name), "r") else { throw SystemFailure("fopen \(name)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The names directly in the folder.
    func files() throws -> [String] {
        guard let folder = opendir(directory) else { throw SystemFailure("opendir \(directory)") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    /// The value of a result in JSON; nil if the text is not exactly one document.
    func json(_ result: CommandResult) -> JSON? {
        do { return try JSON(parsing: result.output) } catch {
            // The test that asked fails then, and shows the output.
            return nil
        }
    }

    /// What stands in a member of a result in JSON.
    func member(_ key: String, of result: CommandResult) -> String? {
        guard case .string(let text)? = json(result)?[key: key] else { return nil }
        return text
    }
}

/// Runs the body in an empty folder.
func withEmptyFolder(_ body: (Installation) async throws -> Void) async throws {
    try await withTemporaryDirectory { try await body(Installation(directory: $0)) }
}

/// Runs the body in a folder with the configuration that `hypjobs init` writes; unless told otherwise its
/// database is there, with the program `hello` and with `broken`, which fails at its second line.
func withInstallation(
    isMigrated: Bool = true, _ body: (Installation) async throws -> Void
) async throws {
    try await withEmptyFolder { here in
        _ = try await here.run("init")
        if isMigrated {
            _ = try await here.run("migrate up")
            try here.write("Focus {\n    observe missing;\n} Relax\n", to: "broken.hyp")
            _ = try await here.run("script add jobs/hello.hyp broken.hyp")
        }
        try await body(here)
    }
}
