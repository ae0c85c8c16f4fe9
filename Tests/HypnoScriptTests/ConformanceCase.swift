import Glibc
import SourceText
import Synchronization
import Testing

@testable import HypnoScript

/// One program of the corpus with what it must do.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    /// Topic and name: `03-variables/shadowing`.
    let name: String
    let program: String
    let output: String
    /// What the error text must contain; nil when there must be none.
    let error: String?
    let status: Int
    /// What the reference's checker reports, in order of the texts; nil where that is not known.
    let check: [String]?

    var testDescription: String { name }

    /// The corpus of the reference, and that of the documented dialect.
    static let language = cases(of: "language")
    static let extensions = cases(of: "extensions")

    /// Errors of the reference that the documented dialect gives a meaning.
    static let superseded: Set<String> = [
        "04-operators/index-assignment", "09-functions/builtin-names-case-sensitive",
        "10-triggers/no-semicolon-after-body", "16-output/drift-is-reserved",
    ]

    /// Every case of a corpus, in order.
    private static func cases(of corpus: String) -> [ConformanceCase] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let root = "/\(folder)/Corpus/\(corpus)"
        let topics = (try? FileAccess(scope: .everywhere).names(in: root)) ?? []
        return topics.flatMap { topic in cases(in: "\(root)/\(topic)", topic) }
    }

    private static func cases(in folder: String, _ topic: String) -> [ConformanceCase] {
        let files = (try? FileAccess(scope: .everywhere).names(in: folder)) ?? []
        return files.filter { $0.hasSuffix(".hyp") }.compactMap { file in
            let name = String(file.dropLast(".hyp".count))
            guard let program = text(of: "\(folder)/\(file)"), let output = text(of: "\(folder)/\(name).out")
            else { return nil }
            let error = text(of: "\(folder)/\(name).err")
            let status = text(of: "\(folder)/\(name).code").flatMap { Int($0.filter(\.isNumber)) }
            return ConformanceCase(
                name: "\(topic)/\(name)", program: program, output: output, error: error.map(trimmed),
                status: status ?? (error == nil ? 0 : 1),
                check: text(of: "\(folder)/\(name).check")?.split(separator: "\n").map(String.init))
        }
    }

    /// The text of a file, nil if it is not there: most cases have only some of the files.
    private static func text(of path: String) -> String? {
        var bytes: [UInt8] = []
        let files = FileAccess(scope: .everywhere)
        guard (try? files.read(path, charging: { _ throws(Raised) in }, { bytes += $0 })) != nil else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

/// What a program did, as a shell would see it.
struct ProgramRun: Sendable {
    var output: String
    /// The text after `Error: `, empty without an error.
    var error: String
    var status: Int

    /// Compiles and runs a program with every capability granted, a clock that stands still and no real
    /// pauses.
    init(
        _ program: String, named name: String = "test.hyp", dialect: ScriptDialect = .documented,
        modules: (any ModuleLoader)? = nil, limits: ScriptLimits = ScriptLimits()
    ) {
        let collector = OutputCollector()
        let host = ScriptHost(
            output: collector, clock: { .seconds(1_700_000_000) }, random: { 4 }, sleep: { _ in },
            input: { nil }
        ).grantingProcess(arguments: ["hypjobs", "exec", name])
        (error, status) = ("", 0)
        do throws(ScriptSyntaxError) {
            let script = try HypnoScript.compile(
                SourceFile(name: name, text: program), dialect: dialect, modules: modules)
            switch script.run(host: host, limits: limits, cancellation: nil).end {
            case .finished: break
            case .exited(let code): status = code
            case .failed(let failure): (error, status) = (failure.message, 1)
            }
        } catch {
            (self.error, status) = (error.message, 1)
        }
        output = collector.text
    }
}

/// Keeps what a script prints.
final class OutputCollector: ScriptOutput {
    private let bytes = Mutex<[UInt8]>([])

    var text: String {
        bytes.withLock { String(decoding: $0, as: UTF8.self) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        self.bytes.withLock { $0.append(contentsOf: bytes) }
    }

    func flush() {}
}
