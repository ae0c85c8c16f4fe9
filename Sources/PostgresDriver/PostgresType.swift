/// The server's types whose values have a form of their own in `SQLValue`, by their numbers in `pg_type`;
/// all others come as text.
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let timestamp: UInt32 = 1114
    static let numeric: UInt32 = 1700
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802

    /// The elements' type of an array's; nil for a type that is no array, or one of which nobody has arrays.
    static func element(of array: UInt32) -> UInt32? {
        switch array {
        case 199: json
        case 1000: bool
        case 1001: bytea
        case 1005: int2
        case 1007: int4
        case 1016: int8
        case 1028: oid
        case 1021: float4
        case 1022: float8
        case 1115: timestamp
        case 1185: timestamptz
        case 2951: uuid
        case 3807: jsonb
        case 1231: numeric
        // name, text, char(n), varchar, inet, date: as text each.
        case 1003, 1009, 1014, 1015, 1041, 1182: text
        default: nil
        }
    }
}
