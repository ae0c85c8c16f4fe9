import HypnoScript
import SourceText

/// What a program does that may print and call `Exit`, and nothing else: its output, and how it ends.
package struct ProgramEnd: Sendable {
    package let output: String
    /// The text of the error that ended it, with its class; empty if none did.
    package let error: String
    /// The exit status that `hypjobs exec` would have.
    package let status: Int

    /// Compiles the program in the documented dialect and runs it. Needs a stack of 16 MB.
    package init(of text: String) {
        let script: CompiledScript
        do throws(ScriptSyntaxError) {
            script = try HypnoScript.compile(SourceFile(name: "program.hyp", text: text))
        } catch {
            (output, self.error, status) = ("", error.message, 1)
            return
        }
        let collector = OutputCollector()
        // Nothing that a generator makes on purpose takes so long; what does is to be seen, not waited for.
        let limits = ScriptLimits(instructions: 100_000_000, time: .seconds(20))
        var host = ScriptHost(output: collector)
        host.processArguments = []
        let outcome = script.run(host: host, limits: limits, cancellation: nil)
        output = collector.text
        switch outcome.end {
        case .finished: (error, status) = ("", 0)
        case .exited(let code): (error, status) = ("", Int(UInt8(truncatingIfNeeded: code)))
        case .failed(let failure): (error, status) = (failure.message, 1)
        }
    }
}
