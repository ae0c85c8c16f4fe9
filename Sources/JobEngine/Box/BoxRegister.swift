/// The capabilities by the names that configuration and command line have for them.
package enum BoxCapability: String, Sendable, Hashable, CaseIterable {
    case output, clock, random, sleep, stdin, process, database, files, modules, environment
}

/// What a queue takes from every script that runs in it.
package struct QueueBox: Sendable, Hashable {
    package var denied: Set<BoxCapability> = []
    /// Of its rules only the limits count.
    package var limits = BoxRules()

    package init() {}
}

/// Every rule about boxes that a worker's configuration has.
package struct BoxRegister: Sendable, Hashable {
    /// What any script gets.
    package var base = ScriptBox()
    /// By the names of scripts.
    package var scripts: [String: BoxRules] = [:]
    /// By the names of queues.
    package var queues: [String: QueueBox] = [:]

    package init() {}

    /// The box of one run.
    ///
    /// - Parameter stored: what is stored with the script.
    package func box(of script: String, stored: BoxRules, in queue: String) -> ScriptBox {
        var box = base
        if stored != BoxRules.none { box = box.applying(stored, from: .script) }
        if let rules = scripts[script] { box = box.applying(rules, from: .configuration) }
        if let rules = queues[queue] { box = box.narrowed(by: rules, of: queue) }
        return box
    }
}
