import Effects
import HypnoScript
import Synchronization

/// A box as the language's host.
enum BoxHost {
    static func host(
        for box: ScriptBox, output: any ScriptOutput, arguments: [(String, ScriptValue)], _ effects: Effects
    ) -> ScriptHost {
        let (time, random) = (effects.time, effects.random)
        var host = ScriptHost(output: box.output ? output : nil)
        if box.clock { host.clock = { .microseconds(time.now().microseconds) } }
        if box.random { host.random = { random.next() } }
        if box.sleep { host.sleep = { time.block(for: $0) } }
        if box.stdin { host.input = lines(of: arguments) }
        if box.process { host.processArguments = [] }
        host.files = box.files.map(ScriptFiles.below)
        host.environment = box.environment.map { .variables(Set($0)) }
        host.loadsModules = box.modules != nil
        return host
    }

    /// The lines of the argument `stdin`, one after the other.
    private static func lines(of arguments: [(String, ScriptValue)]) -> @Sendable () -> String? {
        var text = ""
        if case .string(let argument)? = arguments.last(where: { $0.0 == "stdin" })?.1 { text = argument }
        // By bytes: to a `String` a return and a line feed are one character.
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        let rest = Mutex(lines[...])
        return { rest.withLock { $0.popFirst() } }
    }
}

extension ScriptBox {
    func limits(time: Duration?) -> ScriptLimits {
        ScriptLimits(
            instructions: instructions.value, callDepth: callDepth.value, heapBytes: memoryBytes.value,
            outputBytes: outputBytes.value, time: time)
    }
}
