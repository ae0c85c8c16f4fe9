import HypnoScript
import SourceText
import Synchronization
import Testing

@Suite("The programs of jobs/")
struct SampleJobsTests {
    @Test("a program does exactly what its fixtures say", arguments: try SampleJob.allNames())
    func doesWhatItsFixturesSay(name: String) throws {
        let job = try SampleJob(named: name)
        let output = CollectedOutput()
        let outcome = try HypnoScript.compile(job.source).run(
            arguments: job.arguments,
            host: ScriptHost(output: output, sleep: { _ in }),
            limits: ScriptLimits(instructions: 1_000_000, outputBytes: 1 << 16),
            cancellation: nil)

        #expect(output.text == job.output)
        switch (outcome.end, job.expectation) {
        case (.finished, .result(let expected)):
            #expect(outcome.result.inNameOrder == expected)
        case (.failed(let failure), .failure(let line, let message)):
            #expect(failure.message == message)
            #expect(failure.position?.line == line)
        case (let end, _):
            Issue.record("\(name) ended as \(end), its fixture says \(job.expectation)")
        }
    }

    @Test("a program says at its top what it takes and gives", arguments: try SampleJob.allNames())
    func hasAHeader(name: String) throws {
        let lines = try SampleJob(named: name).source.text.split(separator: "\n")
        let header = lines.prefix { $0.hasPrefix("//") }
        for heading in ["// Arguments", "// Output", "// Result"] {
            #expect(header.contains { $0 == heading }, "\(name).hyp has no '\(heading)'")
        }
    }

    @Test("there are programs enough to choose from")
    func areMany() throws {
        #expect(try SampleJob.allNames().count >= 10)
    }
}

/// Keeps what a script prints.
private final class CollectedOutput: ScriptOutput {
    private let bytes = Mutex<[UInt8]>([])

    func write(_ chunk: UnsafeRawBufferPointer) {
        bytes.withLock { $0.append(contentsOf: chunk) }
    }

    func flush() {}

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
