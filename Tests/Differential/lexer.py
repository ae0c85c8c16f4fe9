"""A model's lexer, made of one pattern: a model spends most of its time in a lexer that looks at each character."""

import re


def quick(model):
    """A lexer that gives the tokens of model.lex, faster; model.lex where the model is built otherwise."""
    if not all(hasattr(model, name) for name in ("lex", "Tok", "KW", "WORDOP", "OPS")):
        return getattr(model, "lex", None)
    slow = model.lex
    operators = "|".join(re.escape(operator) for operator in sorted(model.OPS, key=len, reverse=True))
    # ASCII only, strings without escapes, no comments: all that generated programs are made of.
    pattern = re.compile(rf'\s*(?:([A-Za-z_][A-Za-z_0-9]*)|([0-9][0-9.]*)|"([^"\\]*)"|({operators})|\Z)')

    last = ["", []]

    def lex(text, extended):
        # A model that parses twice gets the same tokens twice.
        if last[0] == text and last[1]:
            return last[1]
        if not text.isascii() or any(part in text for part in ("//", "/*", "\\", "'")):
            return slow(text, extended)
        tokens, place, line = [], 0, 1
        while True:
            found = pattern.match(text, place)
            if not found:
                return slow(text, extended)
            kind = found.lastindex
            start = found.start(kind) if kind else found.end()
            line += text.count("\n", place, start)
            if kind is None:
                tokens.append(model.Tok("eof", "eof", "", len(text), line))
                break
            word = found[kind]
            if kind == 1:
                low = word.lower()
                if low in model.WORDOP:
                    token = model.Tok("op", model.WORDOP[low], word, start, line)
                elif low in model.KW:
                    token = model.Tok("kw", model.KW[low], word, start, line)
                else:
                    token = model.Tok("id", word, word, start, line)
            elif kind == 2:
                token = model.Tok("num", word, None, start, line)
            elif kind == 3:
                token = model.Tok("str", "string", word, start - 1, line)
                line += word.count("\n")
            else:
                token = model.Tok("op", word, word, start, line)
            tokens.append(token)
            place = found.end()
        for index, token in enumerate(tokens):
            token.i = index
        last[:] = text, tokens
        return tokens

    return lex


def same(left, right):
    """Whether two lists of tokens say the same."""
    names = ("k", "t", "v", "pos", "line", "i")
    return [[getattr(token, name) for name in names] for token in left] == [
        [getattr(token, name) for name in names] for token in right]
