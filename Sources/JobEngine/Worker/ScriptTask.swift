import Effects
import HypnoScript
import SourceText
import Synchronization

/// A script's version in a worker's memory: its source, and the program once a thread has compiled it.
final class CachedScript: Sendable {
    let name: String
    private let source: String
    private let rules: Mutex<BoxRules>
    private let state = Mutex(State())

    /// Held while a script thread compiles; the worker never waits for it.
    private struct State {
        /// The directory that the program's modules came from, and the program.
        var compiled: (modules: String?, program: Result<CompiledScript, ScriptSyntaxError>)?
    }

    init(_ source: ScriptSource) {
        self.name = source.name
        self.source = source.content
        rules = Mutex(source.box)
    }

    /// What is stored about the script's box, as far as this worker knows.
    var box: BoxRules {
        get { rules.withLock { $0 } }
        set { rules.withLock { $0 = newValue } }
    }

    /// The program, with the modules that it names from a directory.
    func program(
        modules directory: String?, _ loader: (@Sendable (String) -> any ModuleLoader)?
    ) -> Result<CompiledScript, ScriptSyntaxError> {
        state.withLock { state in
            if let compiled = state.compiled, compiled.modules == directory { return compiled.program }
            let path = directory.map { "\($0)/\(name)" }
            let file = SourceFile(name: path ?? name, text: source)
            let result = Result { () throws(ScriptSyntaxError) in
                try HypnoScript.compile(file, modules: directory.flatMap { loader?($0) })
            }
            state.compiled = (directory, result)
            return result
        }
    }
}

/// The newest programs that a worker has run; it forgets the one that was not used for longest.
struct ScriptCache {
    private var entries: [ScriptVersion: (script: CachedScript, lastUse: Int)] = [:]
    private var uses = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var versions: Set<ScriptVersion> { Set(entries.keys) }

    /// Takes over what is stored about boxes now.
    func refresh(_ boxes: [UniqueID: BoxRules]) {
        for (version, entry) in entries { entry.script.box = boxes[version.script] ?? .none }
    }

    /// The scripts of one claim. Those that are known are taken out before a new one can displace them.
    mutating func scripts(
        _ versions: Set<ScriptVersion>, from sources: [ScriptVersion: ScriptSource]
    ) -> [ScriptVersion: CachedScript] {
        uses += 1
        var found: [ScriptVersion: CachedScript] = [:]
        for version in versions {
            guard let known = entries[version] else { continue }
            entries[version]?.lastUse = uses
            found[version] = known.script
        }
        for version in versions where found[version] == nil {
            guard let source = sources[version] else { continue }
            found[version] = add(CachedScript(source), as: version)
        }
        return found
    }

    private mutating func add(_ script: CachedScript, as version: ScriptVersion) -> CachedScript {
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
        }
        entries[version] = (script, uses)
        return script
    }
}

/// One script run on its way to a script thread.
struct ScriptTask: Sendable {
    var attempt: Attempt
    let script: CachedScript
    let box: ScriptBox
    let timeout: Duration
    let cancellation: ScriptCancellation
}
