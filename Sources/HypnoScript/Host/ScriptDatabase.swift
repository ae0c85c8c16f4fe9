/// The database, as far as a script may use it. Called on the thread that runs the script, which it blocks.
package protocol ScriptDatabase: AnyObject, Sendable {
    /// The rows of a statement with `?` for each parameter, as objects by column; also of one that writes and
    /// says RETURNING.
    ///
    /// - Parameters:
    ///   - room: how many bytes of values the script's memory has left.
    ///   - mayContinue: asked every few milliseconds; false when the script has to stop.
    func query(
        _ statement: String, _ parameters: [ScriptValue], room: Int, while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> [ScriptValue]
    /// How many rows a statement has added, changed or deleted.
    func execute(
        _ statement: String, _ parameters: [ScriptValue], while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> Int
    /// What a repository's method yields for arguments in the order of its parameters, or by their names.
    func call(
        _ method: String, _ arguments: ScriptValue, room: Int, while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> ScriptValue
    /// The id of a new execution of another script.
    func enqueue(
        _ script: String, _ arguments: ScriptValue, _ options: ScriptValue, while mayContinue: () -> Bool
    ) throws(ScriptDatabaseError) -> String
}

/// Why the database did not do what a script asked for.
package enum ScriptDatabaseError: Error, Sendable {
    /// The statement or what it met; the script may handle that, and its transaction goes on.
    case refused(String)
    /// The transaction is lost, and with it everything that the script wrote: the script stops.
    case lost(String)
    /// More rows than the script's memory holds.
    case tooLarge
    /// `mayContinue` said no.
    case stopped
}
