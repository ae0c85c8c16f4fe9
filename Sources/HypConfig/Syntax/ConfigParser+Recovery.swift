extension ConfigParser {
    /// Moves to where the next entry can begin: a newline, a comma or a closing bracket that is not part of
    /// what is skipped.
    mutating func recover() {
        while let byte = lexer.current, byte != .newline, byte != .comma {
            switch byte {
            case .closeBrace, .closeBracket:
                return
            case .openBrace, .openBracket:
                lexer.advance()
                skipBalanced(open: 1)
            default:
                skipToken()
            }
        }
    }

    /// The opening brace of a top-level block is missing: reads on as if it were there when its entries
    /// seem to follow.
    mutating func recoverInBlock() {
        guard lexer.currentScalar?.beginsWord == true || lexer.current == .quote else { return recover() }
        // A value where the block should be is no block without its brace.
        var ahead = lexer
        if let word = ahead.word(), ["true", "false", "null", "env"].contains(word) { return recover() }
        indentation.open(&lexer, at: lexer.position())
        entries(until: .closeBrace) { parser in
            guard let key = parser.key() else { return }
            _ = parser.entryValue(of: key)
        }
        if lexer.current == .closeBrace {
            indentation.close(&lexer, at: lexer.position())
            lexer.advance()
        }
    }

    /// Moves past everything up to the bracket that closes the last of the open ones.
    mutating func skipBalanced(open: Int) {
        var open = open
        while open > 0, let byte = lexer.current {
            switch byte {
            case .openBrace, .openBracket:
                open += 1
                lexer.advance()
            case .closeBrace, .closeBracket:
                open -= 1
                lexer.advance()
            default:
                skipToken()
            }
        }
    }

    /// Moves past a text, a comment or one character.
    private mutating func skipToken() {
        let from = lexer.offset
        if lexer.isAtTripleQuote {
            _ = lexer.tripleQuotedString()
        } else if lexer.current == .quote {
            _ = lexer.string()
        } else if lexer.isAt("//") {
            lexer.skipLine()
        } else if lexer.isAt("/*") {
            lexer.skipTrivia()
        }
        if lexer.offset == from { lexer.advanceScalar() }
    }
}
