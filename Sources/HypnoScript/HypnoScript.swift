package import SourceText

/// The language: compile a text once, run it as often as needed.
package enum HypnoScript {
    /// The variable whose value a run hands back.
    static let resultName = "result"
    /// The name that methods bind to their instance.
    static let thisName = "this"
    /// The name that stands for null where no variable has it.
    static let nullName = "null"

    /// Every function of the library, in the spelling of the documentation.
    package static var functionNames: [String] { Vocabulary.callableNames }

    /// Parses, analyses and compiles a script with the modules it names.
    ///
    /// Walks the syntax tree by recursion, up to the parser's cap on nesting; give it a thread with 8 MB of
    /// stack.
    package static func compile(
        _ source: SourceFile, dialect: ScriptDialect = .documented, modules: (any ModuleLoader)? = nil
    ) throws(ScriptSyntaxError) -> CompiledScript {
        let tree = try SyntaxTree.parse(source, dialect, modules: modules)
        return CompiledScript(program: try Generator.generate(tree, Resolver.resolve(tree)))
    }

    /// The same without what the analysis of names finds out, which must change nothing but the speed; for
    /// tests.
    package static func compileUnresolved(
        _ source: SourceFile, dialect: ScriptDialect
    ) throws(ScriptSyntaxError) -> CompiledScript {
        let tree = try SyntaxTree.parse(source, dialect)
        return CompiledScript(program: try Generator.generate(tree, Resolver.resolveNothing(tree)))
    }
}

/// A script ready to run: immutable, shared by any number of runs on any threads.
package struct CompiledScript: Sendable {
    let program: Program

    /// Runs the script on the calling thread until it ends, fails or is stopped.
    ///
    /// - Parameters:
    ///   - arguments: become variables of the shared table, which a script finds after its own.
    ///   - cancellation: checked about every 0.1 ms.
    package func run(
        arguments: [(String, ScriptValue)] = [], host: ScriptHost, limits: ScriptLimits,
        cancellation: ScriptCancellation?
    ) -> ScriptOutcome {
        run(
            arguments: arguments, host: host, limits: limits, cancellation: cancellation,
            collectsAlways: false)
    }

    /// As above; `collectsAlways` collects garbage wherever that is possible, to find forgotten roots in
    /// tests.
    package func run(
        arguments: [(String, ScriptValue)], host: ScriptHost, limits: ScriptLimits,
        cancellation: ScriptCancellation?, collectsAlways: Bool
    ) -> ScriptOutcome {
        // On the heap, because its address is handed to builtins, and a struct in a local has none that
        // lasts.
        let machine = UnsafeMutablePointer<Machine>.allocate(capacity: 1)
        machine.initialize(
            to: Machine(
                program, host: host, limits: limits, cancellation: cancellation,
                collectsAlways: collectsAlways))
        defer {
            machine.pointee.release()
            machine.deinitialize(count: 1)
            machine.deallocate()
        }
        return machine.pointee.outcome(accepting: arguments) { Interpreter.run(machine) }
    }
}
