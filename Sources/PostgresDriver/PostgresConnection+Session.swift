internal import CPostgres
internal import Database

extension PostgresConnection: NumberedConnection {
    var sessionNumber: Int { Int(PQbackendPID(handle.pointer)) }
}
