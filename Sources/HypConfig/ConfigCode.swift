package import SourceText

/// The codes of everything that can be wrong with how a configuration is written.
package enum ConfigCode {
    package static let unexpectedText = DiagnosticCode(
        1001, "unexpected text",
        """
        The text does not fit the grammar at this place. A file is a list of blocks `name { … }`; a block \
        holds entries `key: value` or `key: { … }`, one a line or separated by commas; a list is `[ … ]`.
        """)
    package static let missingSeparator = DiagnosticCode(
        1002, "two entries without a separator",
        "Neighbouring entries need a newline or one comma between them: `{ a: 1, b: 2 }`.")
    package static let unclosedBracket = DiagnosticCode(
        1003, "bracket without its partner",
        """
        The file ends inside a block or a list. The bracket named in the message was never closed; if its \
        own lines look right, a bracket is missing somewhere between it and the end. The help line names \
        the first place where a closing bracket is not indented like its opening line.
        """)
    package static let unterminatedText = DiagnosticCode(
        1004, "text without an end",
        """
        A string ends on its own line with `"`; a text of several lines stands between `\"""` and `\"""`; a \
        comment that begins with `/*` ends with `*/`.
        """)
    package static let invalidCharacter = DiagnosticCode(
        1005, "character that a string cannot hold",
        #"""
        The escapes are \" \\ \/ \n \t \r \b \f \0 \uXXXX and \u{X…}. A backslash itself is written \\. \#
        Characters beyond the basic plane are two \u escapes, a high and a low surrogate, or one \u{…}. \#
        Control characters are written as escapes.
        """#)
    package static let invalidNumber = DiagnosticCode(
        1006, "not a number",
        """
        Numbers are written as in JSON: 5, -5, 3.5, 1e3. There are no units (a duration is a plain number, \
        its key says the unit) and no leading zeros. Whole numbers have 64 bits.
        """)
    package static let unknownWord = DiagnosticCode(
        1007, "text without quotes",
        "The only bare words that are values are true, false, null and env.NAME. Texts stand in quotes.")
    package static let duplicateKey = DiagnosticCode(
        1008, "key written twice",
        """
        One file may say a thing only once. Different files may: a later file's value takes the place of \
        an earlier one's, in the order of their names.
        """)
    package static let malformedEnvironment = DiagnosticCode(
        1009, "malformed environment reference",
        "A reference is env.NAME; NAME has ASCII letters, digits and _ and does not begin with a digit.")
    package static let environmentNotSet = DiagnosticCode(
        1010, "environment variable not set",
        """
        The configuration takes this value from the environment, and the environment does not have it. Set \
        the variable for the process (an empty one counts as set), or write the value into a later \
        configuration file.
        """)
    package static let tooDeep = DiagnosticCode(
        1011, "nesting too deep", "Blocks and lists may be nested 64 deep.")
    package static let badInclude = DiagnosticCode(
        1012, "include that cannot be followed",
        """
        `include "file.hyp"` names a configuration file relative to the including one. It must exist, stay \
        inside the configuration directory also after following symbolic links, not include its own \
        includer, and be no more than 16 deep.
        """)
    package static let mergeConflict = DiagnosticCode(
        1013, "block in one file, value in another",
        """
        Files are merged key by key, but a block cannot be merged with a plain value or a list. Rename one \
        of the two, or set the key to null in a file between them.
        """)
    package static let unreadableFile = DiagnosticCode(
        1014, "file that cannot be read",
        "Configuration files are UTF-8 texts of at most 1 MiB, readable by this process.")

    /// Every code of this enumeration.
    package static let all = [
        unexpectedText, missingSeparator, unclosedBracket, unterminatedText, invalidCharacter, invalidNumber,
        unknownWord,
        duplicateKey, malformedEnvironment, environmentNotSet, tooDeep, badInclude, mergeConflict,
        unreadableFile,
    ]
}
