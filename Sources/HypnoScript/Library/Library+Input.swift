/// Questions to whoever is at standard input, and the arguments of a command line.
extension Library {
    static let input: [Builtin] = prompts + arguments

    private static let prompts: [Builtin] =
        named("InputProvider", "Input") {
            native($0, $1, $2) { call throws(Raised) in
                try call.requireInput()
                if let prompt = call.optional(0), !prompt.isNull { try call.write(try call.text(0)) }
                return try call.string(try call.line() ?? "")
            }
        }
        + named("CliPrompt") {
            native($0, $1, $2) { call throws(Raised) in
                let message = try call.string(0)
                let hasDefault = !(call.optional(1) ?? .null).isNull
                let fallback = hasDefault ? try call.string(1) : nil
                try call.requireInput()
                try call.write(message + (fallback.map { " (default: \($0)): " } ?? ": "))
                let answer = try call.answer() ?? ""
                if !answer.isEmpty { return try call.string(answer) }
                guard let fallback else { throw call.raise(.runtime, "Input cannot be empty.") }
                return try call.string(fallback)
            }
        }
        + named("CliConfirm") {
            native($0, $1, $2) { call throws(Raised) in
                let message = try call.string(0)
                let choice = call.optional(1) ?? .null
                let fallback = choice.isNull || choice.isTruthy
                try call.requireInput()
                while true {
                    try call.write(message + (fallback ? " [Y/n] " : " [y/N] "))
                    switch try call.answer()?.lowercased() {
                    case nil, "": return Value(fallback)
                    case "y", "yes": return .true
                    case "n", "no": return .false
                    default: try call.write("Please answer with 'y' or 'n'.\n")
                    }
                }
            }
        }

    private static let arguments = [
        Builtin("ParseArguments") {
            native($0, $1, $2) { call throws(Raised) in try call.parsedArguments(try call.array(0)) }
        },
        Builtin("HasFlag") {
            native($0, $1, $2) { call throws(Raised) in
                let (flags, name) = (try call.flags(), try call.text(1))
                return Value(flags?.value(ofKey: name) != nil)
            }
        },
        Builtin("FlagValue") {
            native($0, $1, $2) { call throws(Raised) in
                let (flags, name) = (try call.flags(), try call.text(1))
                return flags?.value(ofKey: name) ?? .null
            }
        },
    ]
}

extension BuiltinCall {
    /// Whoever is not allowed to ask shall not see the question either.
    fileprivate func requireInput() throws(Raised) {
        if machine.pointee.host.input == nil { throw machine.pointee.refuse(.stdin) }
    }

    /// The next line of input, shown all output before; nil at its end.
    fileprivate func line() throws(Raised) -> String? {
        guard let input = machine.pointee.host.input else { throw machine.pointee.refuse(.stdin) }
        machine.pointee.flush()
        let answer = try observed("line") { () throws(Raised) in input().map(ScriptValue.string) ?? .null }
        var line: String?
        if case .string(let text) = answer { line = text }
        try machine.pointee.check(machine.pointee.isAllowedToContinue())
        try reserve(line?.utf8.count ?? 0)
        guard let line, line.last == "\r" else { return line }
        return String(line.dropLast())
    }

    /// A line without blanks around it.
    fileprivate func answer() throws(Raised) -> String? {
        guard let line = try line() else { return nil }
        return String(decoding: try trimmed(try string(line).utf8), as: UTF8.self)
    }

    /// `--k=v`, `--k v`, `-abc`, `-k=v`; `--` ends the flags.
    fileprivate func parsedArguments(_ arguments: UnsafeBufferPointer<Value>) throws(Raised) -> Value {
        let flags = try object(capacity: 4)
        var positional: [Value] = []
        var index = 0
        var isOver = false
        while index < arguments.count {
            try charge(64)
            let value = arguments[index]
            let word = try printed(value)
            index += 1
            if isOver || !word.hasPrefix("-") || word == "-" {
                positional.append(value)
            } else if word == "--" {
                isOver = true
            } else if let sign = word.firstIndex(of: "=") {
                let name = word[..<sign].drop { $0 == "-" }
                let text = String(word[word.index(after: sign)...])
                try insert(try string(String(name)), try string(text), into: flags)
            } else if word.hasPrefix("--") {
                let next = index < arguments.count ? try printed(arguments[index]) : "-"
                let hasValue = !next.hasPrefix("-")
                let name = try string(String(word.dropFirst(2)))
                try insert(name, hasValue ? arguments[index] : .true, into: flags)
                index += hasValue ? 1 : 0
            } else {
                for letter in word.unicodeScalars.dropFirst() {
                    try insert(try string(String(letter)), .true, into: flags)
                }
            }
        }
        return try object([("flags", flags), ("positional", try array(positional))])
    }

    /// The flags of what `ParseArguments` made.
    fileprivate func flags() throws(Raised) -> Value? {
        let key: StaticString = "flags"
        let value = try object(0)
        let flags = key.withUTF8Buffer { value.value(ofKey: $0) }
        return flags.flatMap { $0.isDictionary ? $0 : nil }
    }
}
