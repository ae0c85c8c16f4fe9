import HypnoScript

extension ScriptBox {
    /// What to do about a failure that the box caused, in words; nil for any other.
    func advice(
        on failure: ScriptFailure, script: String, template: TransactionTemplate?
    ) -> String? {
        if failure.kind == .capability {
            let name = ScriptCapability.allCases.map(\.rawValue).first { name in
                failure.message.hasSuffix("Capability '\(name)' is not granted")
            }
            return name.map { name in
                let values = [
                    "filesystem": "files=DIRECTORY", "modules": "modules=DIRECTORY",
                    "environment": "environment=NAME",
                ]
                let option = values[name] ?? name
                return "'hypjobs script box \(script) --allow \(option)' grants it, unless the queue or the "
                    + "configuration denies it"
            }
        }
        switch failure.exceeded {
        case .instructions?: return advice("instructions", instructions, script)
        case .memory?: return advice("memory_bytes", memoryBytes, script)
        case .callDepth?: return advice("call_depth", callDepth, script)
        case .output?: return advice("output_bytes", outputBytes, script)
        case .time?:
            if let limit = time.value, limit < template?.timeout ?? limit + limit {
                return advice("seconds", time, script)
            }
            return template.map {
                "the timeout of template \($0.name) is \(BoxRules.seconds($0.timeout)) s; raise it in "
                    + "transactions.templates.\($0.name).timeout"
            }
        case nil: return nil
        }
    }

    private func advice<Value>(_ name: String, _ limit: Limit<Value>, _ script: String) -> String {
        let key = name == "output_bytes" ? "worker.output_limit_bytes" : "worker.limits.\(name)"
        let value = Self.text(of: limit.value)
        let command = "'hypjobs script box \(script) --limit \(name)=…'"
        return switch limit.source {
        case .worker: "\(name) is \(value); raise it with \(command), or for all in \(key)"
        case .script: "\(name) is \(value); raise it with \(command)"
        case .configuration: "\(name) is \(value); raise it in scripts.\(script).limits.\(name)"
        case .queue(let queue): "\(name) is \(value); raise it in queues.\(queue).limits.\(name)"
        }
    }

    private static func text(of value: some Sendable & Hashable) -> String {
        switch value {
        case let duration as Duration: BoxRules.seconds(duration)
        case let number as Int: String(number)
        default: String(describing: value)
        }
    }
}
