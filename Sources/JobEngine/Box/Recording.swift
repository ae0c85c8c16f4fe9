package import HypnoScript
import SourceText

/// What a run got from outside, as it is kept: enough to run it again with the same output.
package struct Recording: Sendable, Equatable {
    /// Of the generator of random numbers; 32 bytes.
    package let key: [UInt8]
    package let entries: [ScriptJournal.Entry]
    /// What the run was allowed.
    package let rules: BoxRules
    /// What it came to.
    package let outcome: RunOutcome
    /// False when the run got more than a recording may hold: it can be replayed up to there.
    package let isComplete: Bool

    package init(
        key: [UInt8], entries: [ScriptJournal.Entry], rules: BoxRules, outcome: RunOutcome, isComplete: Bool
    ) {
        self.key = key
        self.entries = entries
        self.rules = rules
        self.outcome = outcome
        self.isComplete = isComplete
    }

    /// The most that a run's recording may take, in bytes.
    package static let limit = 1 << 20

    /// `{"random": …, "complete": …, "entries": [[function, hash of its arguments, line, outcome], …]}`.
    package var text: String {
        let json: JSON = [
            "random": .string(Recording.hexadecimal(key)), "complete": .bool(isComplete), "box": rules.json,
            "outcome": outcome.json,
            "entries": .array(
                entries.map { entry in
                    [
                        .string(entry.function), .string(String(entry.arguments, radix: 16)),
                        .integer(entry.line), entry.outcome.json,
                    ]
                }),
        ]
        return json.text
    }

    /// Reads what `text` wrote; nil for anything else.
    package init?(_ text: String) {
        guard let json = try? JSON(parsing: text), case .string(let key)? = json[key: "random"],
            case .bool(let isComplete)? = json[key: "complete"],
            case .array(let rows)? = json[key: "entries"],
            let bytes = Recording.bytes(key), let box = json[key: "box"], let rules = try? BoxRules(box),
            let outcome = json[key: "outcome"].flatMap(RunOutcome.init)
        else { return nil }
        var entries: [ScriptJournal.Entry] = []
        for row in rows {
            guard case .array(let parts) = row, parts.count == 4, case .string(let function) = parts[0],
                case .string(let digits) = parts[1], let arguments = UInt64(digits, radix: 16),
                case .number(let line) = parts[2], let line = Int(line),
                let outcome = ScriptJournal.Outcome(parts[3])
            else { return nil }
            entries.append(
                ScriptJournal.Entry(function: function, arguments: arguments, outcome: outcome, line: line))
        }
        self.init(
            key: bytes, entries: entries, rules: rules, outcome: outcome, isComplete: isComplete)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }
}

extension ScriptJournal.Outcome {
    fileprivate var json: JSON {
        switch self {
        case .value(let value): ["value": JSON(value)]
        case .refusal(isOfCapability: false, let text): ["error": .string(text)]
        case .refusal(isOfCapability: true, let text): ["refused": .string(text)]
        case .end(let end, let text): ["ended": .string(end.rawValue), "error": .string(text)]
        }
    }

    fileprivate init?(_ json: JSON) {
        if case .string(let name)? = json[key: "ended"], let end = ScriptJournal.End(rawValue: name),
            case .string(let text)? = json[key: "error"]
        {
            self = .end(end, text)
        } else if let value = json[key: "value"] {
            self = .value(ScriptValue(value))
        } else if case .string(let text)? = json[key: "error"] {
            self = .refusal(isOfCapability: false, text)
        } else if case .string(let text)? = json[key: "refused"] {
            self = .refusal(isOfCapability: true, text)
        } else {
            return nil
        }
    }
}

/// What can be compared of two runs.
package struct RunOutcome: Sendable, Equatable {
    package let outputBytes: Int
    /// SHA-256 of the output.
    package let outputHash: String
    /// The JSON text of the result, or the error with its line.
    package let end: String

    package init(_ outcome: ScriptOutcome, output: String) {
        outputBytes = output.utf8.count
        outputHash = JobStore.checksum(output)
        end =
            switch outcome.end {
            case .finished: "result \(JSON(outcome.result).text)"
            case .exited(let code): "Exit(\(code))"
            case .failed(let failure): "line \(failure.position?.line ?? 0): \(failure.message)"
            }
    }

    /// Whether the run was stopped because its time was over.
    var isByTime: Bool { end.hasSuffix(": Runtime error: Time limit exceeded") }

    fileprivate var json: JSON {
        ["bytes": .integer(outputBytes), "hash": .string(outputHash), "end": .string(end)]
    }

    fileprivate init?(_ json: JSON) {
        guard case .number(let bytes)? = json[key: "bytes"], let bytes = Int(bytes),
            case .string(let hash)? = json[key: "hash"], case .string(let end)? = json[key: "end"]
        else { return nil }
        (outputBytes, outputHash, self.end) = (bytes, hash, end)
    }
}
