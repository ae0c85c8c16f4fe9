/// The database of the host, as far as it grants that: statements with parameters, the methods of
/// repositories, and executions of other scripts, all in the transaction of the script.
extension Library {
    static let database: [Builtin] = [
        Builtin("DatabaseQuery") {
            external($0, $1, $2) { call throws(Raised) in
                let (statement, parameters) = (try call.string(0), try call.parameters(1))
                let database = try call.database
                let rows = try call.asking { () throws(ScriptDatabaseError) in
                    try database.query(statement, parameters, room: call.room, while: call.mayContinue)
                }
                return try call.made(.array(rows))
            }
        },
        Builtin("DatabaseExecute") {
            external($0, $1, $2) { call throws(Raised) in
                let (statement, parameters) = (try call.string(0), try call.parameters(1))
                let database = try call.database
                let count = try call.asking { () throws(ScriptDatabaseError) in
                    try database.execute(statement, parameters, while: call.mayContinue)
                }
                return Value(number: Double(count))
            }
        },
        Builtin("RepositoryCall") {
            external($0, $1, $2) { call throws(Raised) in
                let (method, arguments) = (try call.string(0), try call.outside(1))
                let database = try call.database
                let value = try call.asking { () throws(ScriptDatabaseError) in
                    try database.call(method, arguments, room: call.room, while: call.mayContinue)
                }
                return try call.made(value)
            }
        },
        Builtin("EnqueueScript") {
            external($0, $1, $2) { call throws(Raised) in
                let script = try call.string(0)
                let (arguments, options) = (try call.outside(1), try call.outside(2))
                let database = try call.database
                let id = try call.asking { () throws(ScriptDatabaseError) in
                    try database.enqueue(script, arguments, options, while: call.mayContinue)
                }
                return try call.string(id)
            }
        },
    ]
}

extension BuiltinCall {
    fileprivate var database: any ScriptDatabase {
        get throws(Raised) {
            guard let database = machine.pointee.host.database else {
                throw machine.pointee.refuse(.database)
            }
            return database
        }
    }

    /// The elements of an array argument as values for a statement; none where it is missing.
    fileprivate func parameters(_ position: Int) throws(Raised) -> [ScriptValue] {
        guard position < count else { return [] }
        return try array(position).map { value throws(Raised) in try outside(value) }
    }

    /// An argument as the world outside gets it; null where it is missing.
    fileprivate func outside(_ position: Int) throws(Raised) -> ScriptValue {
        position < count ? try outside(arguments[position]) : .null
    }

    /// How many bytes of memory the script may still take.
    fileprivate var room: Int { machine.pointee.heap.room }

    fileprivate func mayContinue() -> Bool { machine.pointee.isAllowedToContinue() }

    fileprivate func asking<Result>(
        _ body: () throws(ScriptDatabaseError) -> Result
    ) throws(Raised) -> Result {
        do throws(ScriptDatabaseError) {
            return try body()
        } catch {
            switch error {
            case .refused(let text): throw raise(.runtime, text)
            case .lost(let text): throw raise(.abandoned, text)
            case .tooLarge: throw outOfMemory()
            // Whatever forbade to go on has been raised.
            case .stopped: throw .raised
            }
        }
    }
}
