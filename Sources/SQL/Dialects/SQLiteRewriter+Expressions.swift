extension SQLiteRewriter {
    /// Instants are text of 26 characters; SQLite's clock has milliseconds.
    static let now = "(strftime('%Y-%m-%d %H:%M:%f','now')||'000')"

    /// A random UUID of version 4 (RFC 4122) from SQLite's own functions.
    static let randomUUID =
        "(lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)),2)||'-'"
        + "||substr('89AB',1+(random()&3),1)||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6))))"

    /// Rewrites all lexemes before a place, which is outside of any parenthesis opened on the way.
    mutating func rewriteExpressions(until end: Int) throws(PortabilityError) {
        while index < end { try rewriteNext() }
    }

    mutating func rewriteNext() throws(PortabilityError) {
        try refuseLexeme()
        // `t.now` and `now.x` are names.
        guard !isSymbol(".", at: index - 1), !isSymbol(".", at: index + 1) else { return copy() }
        let isCall = isSymbol("(", at: index + 1)
        switch lexemes[index].keyword {
        case "NOW" where isCall && isSymbol(")", at: index + 2):
            replace(3, with: Self.now, kind: .now)
        case "CURRENT_TIMESTAMP":
            replace(1, with: Self.now, kind: .now)
        case "GEN_RANDOM_UUID" where isCall && isSymbol(")", at: index + 2):
            replace(3, with: Self.randomUUID)
        case "TRUE":
            replace(1, with: "1")
        case "FALSE":
            replace(1, with: "0")
        case "DATE_TRUNC" where isCall:
            try rewriteDateTrunc()
        case "INTERVAL":
            try rewriteInterval()
        case "LIKE", "ILIKE":
            try rewriteLike()
        case "CAST" where isCall:
            try rewriteCast()
        default:
            copy()
        }
    }

    /// `DATE_TRUNC('hour', x)`: an instant is text of fixed places, so truncation is exact as a cut.
    private mutating func rewriteDateTrunc() throws(PortabilityError) {
        let close = try closing(of: index + 1)
        let unit = lexemes[index + 2]
        guard unit.kind == .string, isSymbol(",", at: index + 3), index + 4 < close else {
            throw refusal(lexemes[index], "DATE_TRUNC is understood with a unit in quotes and one expression")
        }
        let lead = lexemes[index].lead
        index += 4
        let argument = try rewritten(until: close)
        index = close + 1
        let text: String
        switch unit.text.lowercased() {
        case "'second'": text = "(substr(\(argument),1,19)||'.000000')"
        case "'minute'": text = "(substr(\(argument),1,16)||':00.000000')"
        case "'hour'": text = "(substr(\(argument),1,13)||':00:00.000000')"
        case "'day'": text = "(substr(\(argument),1,10)||' 00:00:00.000000')"
        case "'week'": text = "(strftime('%Y-%m-%d',\(argument),'-6 days','weekday 1')||' 00:00:00.000000')"
        case "'month'": text = "(substr(\(argument),1,7)||'-01 00:00:00.000000')"
        case "'year'": text = "(substr(\(argument),1,4)||'-01-01 00:00:00.000000')"
        default: throw refusal(unit, "SQLite cannot truncate an instant to \(unit.text)")
        }
        output.append(Piece(kind: .operand, lead: lead, text: text))
    }

    /// `x - INTERVAL '30 days'`: the operand before the sign becomes the argument of `strftime`.
    private mutating func rewriteInterval() throws(PortabilityError) {
        let interval = lexemes[index]
        guard index + 1 < lexemes.count, lexemes[index + 1].kind == .string else {
            throw refusal(
                interval, "INTERVAL is understood with its length in quotes, such as INTERVAL '30 days'")
        }
        guard let sign = output.last, sign.text == "+" || sign.text == "-" else {
            throw refusal(interval, "INTERVAL is understood behind + or -, to be added to an instant")
        }
        let modifiers = try modifiers(of: lexemes[index + 1], sign: sign.text)
        output.removeLast()
        guard let operand = takeOperand() else {
            throw refusal(
                interval, "The instant that INTERVAL is added to must be a name, a value or in parentheses")
        }
        let instant = operand.isNow ? "'now'" : operand.text
        let text = "(strftime('%Y-%m-%d %H:%M:%f',\(instant),\(modifiers))||'000')"
        output.append(Piece(kind: .operand, lead: operand.lead, text: text))
        index += 2
    }

    /// `'1 day 2 hours'` as SQLite's modifiers `'-1 days','-2 hours'`.
    private func modifiers(of length: Lexeme, sign: String) throws(PortabilityError) -> String {
        let words = length.text.dropFirst().dropLast().split(separator: " ")
        guard !words.isEmpty, words.count.isMultiple(of: 2) else {
            throw refusal(length, "An interval is a number and a unit, such as '30 days'")
        }
        var modifiers: [String] = []
        for place in stride(from: 0, to: words.count, by: 2) {
            guard let number = Int32(words[place]), number >= 0 else {
                throw refusal(length, "'\(words[place])' is no number of an interval")
            }
            let unit = words[place + 1].lowercased()
            switch unit.hasSuffix("s") ? String(unit.dropLast()) : unit {
            case "second", "minute", "hour", "day":
                modifiers.append("'\(sign)\(number) \(unit.hasSuffix("s") ? unit : unit + "s")'")
            case "week": modifiers.append("'\(sign)\(Int64(number) * 7) days'")
            case "month", "year":
                // PostgreSQL: 31 January and a month is 28 February; SQLite: 3 March.
                throw refusal(
                    length, "SQLite counts \(unit) differently at the end of a month; count days instead")
            default: throw refusal(length, "'\(unit)' is no unit of an interval")
            }
        }
        return modifiers.joined(separator: ",")
    }

    /// SQLite's LIKE ignores the case of ASCII letters, as ILIKE does, and has no escape character unless
    /// told.
    private mutating func rewriteLike() throws(PortabilityError) {
        let like = lexemes[index]
        replace(1, with: "LIKE", kind: .word)
        guard let end = try operandEnd(from: index) else {
            throw refusal(
                like, "The pattern behind \(like.keyword) must be a name, a value or in parentheses")
        }
        try rewriteExpressions(until: end)
        if keyword(at: index) != "ESCAPE" { insert("ESCAPE '\\'") }
    }

    private mutating func rewriteCast() throws(PortabilityError) {
        let open = index + 1
        let close = try closing(of: open)
        guard let marker = (open..<close).last(where: { keyword(at: $0) == "AS" }) else {
            throw refusal(lexemes[index], "CAST is understood as CAST(value AS type)")
        }
        copy()
        copy()
        try rewriteExpressions(until: marker)
        copy()
        try rewriteType(isCast: true)
        guard index == close else { throw refusal(lexemes[index], "The type ends before this") }
        copy()
    }

    // MARK: Operands

    /// Rewrites up to a place into a text of its own.
    mutating func rewritten(until end: Int) throws(PortabilityError) -> String {
        let before = output
        output = []
        try rewriteExpressions(until: end)
        defer { output = before }
        let text = output.enumerated().map {
            $0.offset == 0 ? $0.element.text : $0.element.lead + $0.element.text
        }
        return text.joined()
    }

    /// The place behind operands that `||` joins.
    private func operandEnd(from start: Int) throws(PortabilityError) -> Int? {
        guard start < lexemes.count else { return nil }
        var end = start
        switch lexemes[start].kind {
        case .symbol:
            guard isSymbol("(", at: start) else { return nil }
            end = try closing(of: start) + 1
        case .word, .quotedName:
            end += 1
            while isSymbol(".", at: end) { end += 2 }
            if isSymbol("(", at: end) { end = try closing(of: end) + 1 }
        default:
            end += 1
        }
        return isSymbol("||", at: end) ? try operandEnd(from: end + 1) : end
    }

    /// Takes the last operand back from what was written.
    private mutating func takeOperand() -> (text: String, lead: String, isNow: Bool)? {
        guard let last = output.last else { return nil }
        var start = output.count - 1
        if last.text == ")", last.kind == .symbol {
            var depth = 0
            while start >= 0 {
                if output[start].text == ")" { depth += 1 }
                if output[start].text == "(" { depth -= 1 }
                if depth == 0 { break }
                start -= 1
            }
            guard start >= 0 else { return nil }
            // The name of a function that is called.
            if start > 0, output[start - 1].kind == .word, output[start].lead.isEmpty { start -= 1 }
        } else if last.kind == .symbol {
            return nil
        }
        while start >= 2, output[start - 1].text == "." { start -= 2 }
        let pieces = output[start...]
        let lead = output[start].lead
        let text = pieces.enumerated().map {
            $0.offset == 0 ? $0.element.text : $0.element.lead + $0.element.text
        }
        output.removeSubrange(start...)
        return (text.joined(), lead, pieces.count == 1 && last.kind == .now)
    }
}
