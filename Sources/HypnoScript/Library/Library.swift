/// The functions that come with the language.
enum Library {
    /// All of them, in one table for the whole process; each family stands in a file of its own.
    static let builtins: [Builtin] =
        core + mathematics + text + arrays + statistics + textTools + validation + time + system + files
}
