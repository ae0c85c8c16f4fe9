/// What one run of a script may do and use, once every rule has been heard.
package struct ScriptBox: Sendable, Hashable {
    package var output = true
    package var clock = true
    package var random = true
    package var sleep = false
    /// The lines of the argument `stdin`.
    package var stdin = false
    /// `Exit` and `GetArgs`.
    package var process = false
    package var database = false
    /// The directory below which it may use files.
    package var files: String?
    /// The directory below which `mindLink` finds programs.
    package var modules: String?
    /// The variables of the environment that it may read; nil for none of its functions.
    package var environment: [String]?

    package var instructions = Limit<Int?>(nil)
    package var memoryBytes = Limit(268_435_456)
    package var callDepth = Limit(10_000)
    package var outputBytes = Limit(1_048_576)
    /// Below the template's timeout, which always holds.
    package var time = Limit<Duration?>(nil)
    package var recording = Recording.none

    /// Which runs leave what they got from outside, so that they can be replayed.
    package enum Recording: String, Sendable, Hashable, CaseIterable {
        case none
        case failed
        case all
    }

    /// A limit and who set it.
    package struct Limit<Value: Sendable & Hashable>: Sendable, Hashable {
        package var value: Value
        package var source = LimitSource.worker

        package init(_ value: Value) {
            self.value = value
        }
    }

    package init() {}
}

/// Who set a limit: where it can be raised.
package enum LimitSource: Sendable, Hashable {
    /// The block `worker { limits { … } }`, or its defaults.
    case worker
    /// What is stored with the script.
    case script
    /// The block `scripts { … }` of the worker's configuration.
    case configuration
    case queue(String)
}

extension ScriptBox {
    /// The box with what the rules say in place of what it had.
    package func applying(_ rules: BoxRules, from source: LimitSource) -> ScriptBox {
        var box = self
        box.output = rules.output ?? output
        box.clock = rules.clock ?? clock
        box.random = rules.random ?? random
        box.sleep = rules.sleep ?? sleep
        box.stdin = rules.stdin ?? stdin
        box.process = rules.process ?? process
        box.database = rules.database ?? database
        if let files = rules.files { box.files = files.granted }
        if let modules = rules.modules { box.modules = modules.granted }
        if let environment = rules.environment { box.environment = environment.granted }
        box.instructions.set(rules.instructions.map { $0 }, from: source)
        box.memoryBytes.set(rules.memoryBytes, from: source)
        box.callDepth.set(rules.callDepth, from: source)
        box.outputBytes.set(rules.outputBytes, from: source)
        box.time.set(rules.time.map { $0 }, from: source)
        box.recording = rules.recording ?? recording
        return box
    }

    /// The box as a queue narrows it: a queue grants nothing, so that who may enqueue cannot choose rights.
    package func narrowed(by rules: QueueBox, of queue: String) -> ScriptBox {
        var box = self
        for capability in rules.denied { box.deny(capability) }
        let source = LimitSource.queue(queue)
        if let limit = rules.limits.instructions, limit < instructions.value ?? .max {
            box.instructions.set(limit, from: source)
        }
        if let limit = rules.limits.memoryBytes, limit < memoryBytes.value {
            box.memoryBytes.set(limit, from: source)
        }
        if let limit = rules.limits.callDepth, limit < callDepth.value {
            box.callDepth.set(limit, from: source)
        }
        if let limit = rules.limits.outputBytes, limit < outputBytes.value {
            box.outputBytes.set(limit, from: source)
        }
        if let limit = rules.limits.time, time.value.map({ limit < $0 }) ?? true {
            box.time.set(limit, from: source)
        }
        return box
    }

    /// All of it as rules that leave nothing out but what has no limit.
    package var rules: BoxRules {
        var rules = BoxRules()
        rules.output = output
        rules.clock = clock
        rules.random = random
        rules.sleep = sleep
        rules.stdin = stdin
        rules.process = process
        rules.database = database
        rules.files = files.map { .granted($0) } ?? .refused
        rules.modules = modules.map { .granted($0) } ?? .refused
        rules.environment = environment.map { .granted($0) } ?? .refused
        rules.instructions = instructions.value
        rules.memoryBytes = memoryBytes.value
        rules.callDepth = callDepth.value
        rules.outputBytes = outputBytes.value
        rules.time = time.value
        rules.recording = recording
        return rules
    }

    private mutating func deny(_ capability: BoxCapability) {
        switch capability {
        case .output: output = false
        case .clock: clock = false
        case .random: random = false
        case .sleep: sleep = false
        case .stdin: stdin = false
        case .process: process = false
        case .database: database = false
        case .files: files = nil
        case .modules: modules = nil
        case .environment: environment = nil
        }
    }
}

extension ScriptBox.Limit {
    fileprivate mutating func set(_ value: Value?, from source: LimitSource) {
        guard let value else { return }
        self.value = value
        self.source = source
    }
}
