package import SourceText

/// The codes of what the checker finds in scripts that parse.
package enum CheckCode {
    package static let unknownName = DiagnosticCode(
        2021, "Unknown name in a script",
        """
        Nothing in the program, its modules and the library has this name. A function of that name cannot \
        come from outside either: arguments are data. A variable that is read may be an argument of the \
        job; it is reported when it looks like a misspelling.
        """)
    package static let argumentCount = DiagnosticCode(
        2022, "Wrong number of arguments",
        """
        A call has fewer or more arguments than the function has parameters. Builtins ignore what is too \
        much; functions of the program refuse it.
        """)
    package static let typeMismatch = DiagnosticCode(
        2023, "Value of another kind than expected",
        """
        As an error: the operation fails with every value of this kind. As a warning: the program runs, but \
        says elsewhere that it wants another kind, or gets one by silent conversion.
        """)
    package static let record = DiagnosticCode(
        2024, "Record that does not match its type",
        """
        A record literal names a type that is not declared, or its fields are not those of the declaration. \
        Fields are not checked when the program runs; a missing one fails where it is read.
        """)
    package static let session = DiagnosticCode(
        2025, "Session used against its declaration",
        """
        A member does not exist, is not visible here, is declared twice, or belongs to the session and not \
        to its instances.
        """)
    package static let control = DiagnosticCode(
        2026, "Jump that leads nowhere",
        """
        'snap' and 'sink' belong into a loop, 'awaken' into a function, an entrance or a case. A function \
        that is called from a loop is not inside of it.
        """)
    package static let assignment = DiagnosticCode(
        2027, "Assignment that cannot be made",
        """
        The target is a constant, or nothing that can be assigned to. Variables, elements of arrays, fields \
        of objects and of session instances can.
        """)
    package static let module = DiagnosticCode(
        2028, "Module that cannot be loaded",
        """
        The file that 'mindLink' names is missing, lies outside the program's folder, or is no program. The \
        statement fails when it is executed.
        """)
    package static let newInEveryPass = DiagnosticCode(
        2031, "Variable that begins anew in every pass",
        """
        The body of 'while' has a scope of its own: 'induce x = x + 1;' in it declares another x in every \
        pass, and the outer one never changes. Write 'x = x + 1;'.
        """)
    package static let surplus = DiagnosticCode(
        2032, "Argument that is ignored",
        """
        The builtin takes fewer arguments; what is too much is evaluated and dropped. 'Round(x, 2)' rounds \
        to a whole number: for digits there is RoundTo.
        """)
    package static let nullPattern = DiagnosticCode(
        2033, "Pattern that matches everything",
        """
        In a pattern 'null' is a name like any other: it matches every value and binds it. Compare in a \
        guard: 'when v if v == null => …'.
        """)
    package static let awakenInCase = DiagnosticCode(
        2034, "awaken in a case leaves the function",
        """
        Inside a function 'awaken' in the block of a case ends the function, not the 'entrain'. For the \
        value of the case write it without a block: 'when 1 => awaken x'.
        """)
    package static let softWord = DiagnosticCode(
        2035, "Variable named like a word of the language",
        """
        The documented dialect gives words such as 'throw', 'try' and 'for' a meaning where a program \
        would otherwise be wrong. A variable of that name is legal, and a statement that begins with it may \
        be read as something else.
        """)
    package static let shadowed = DiagnosticCode(
        2036, "Function that its name does not call",
        """
        A builtin of the reference wins over a function of the program that has the same name: the call \
        reaches the builtin.
        """)
    package static let comment = DiagnosticCode(
        2037, "Comment without an end",
        """
        A comment that begins with '/*' and has no '*/' hides the rest of the file, and no error says so.
        """)
    package static let neverEqual = DiagnosticCode(
        2038, "Comparison with one possible result",
        """
        Arrays, functions, sessions and instances are never equal to anything with '==', not even to \
        themselves. DeepEquals compares contents.
        """)

    package static let all = [
        unknownName, argumentCount, typeMismatch, record, session, control, assignment, module,
        newInEveryPass, surplus, nullPattern, awakenInCase, softWord, shadowed, comment, neverEqual,
    ]
}
