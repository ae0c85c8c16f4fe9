/// What a value is, and what it is as a number.
extension Library {
    static let types: [Builtin] = predicates + conversionsToNumber + equality

    private static let predicates =
        named("IsNull") { native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).isNull) } }
        + named("IsDefined") {
            native($0, $1, $2) { call throws(Raised) in Value(!(try call.value(0).isNull)) }
        }
        + named("IsNumber") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).isNumber) }
        }
        + named("IsString") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).has(.string)) }
        }
        + named("IsBoolean") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).isBoolean) }
        }
        + named("IsArray") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).has(.array)) }
        }
        + named("IsObject", "IsRecord") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).has(.record)) }
        }
        + named("IsFunction") {
            native($0, $1, $2) { call throws(Raised) in Value(try call.value(0).has(.function)) }
        }
        + named("TypeOf") {
            native($0, $1, $2) { call throws(Raised) in try call.string(try call.value(0).typeName) }
        }

    private static let conversionsToNumber = named("ToNumber") {
        native($0, $1, $2) { call throws(Raised) in
            let value = try call.value(0)
            let number =
                value.has(.string)
                ? try call.parse(try call.trimmed(value.utf8)) : try call.number(from: value)
            return number.map { Value(number: $0) } ?? .null
        }
    }

    private static let equality = named("DeepEquals", "ArraysEqual") {
        native($0, $1, $2) { call throws(Raised) in
            Value(call.isDeeplyEqual(try call.value(0), try call.value(1)))
        }
    }
}

extension Value {
    /// The kind as `TypeOf` names it.
    var typeName: String {
        if isNumber { return "number" }
        if isBoolean { return "boolean" }
        if isDictionary { return "object" }
        if has(.string) { return "string" }
        if has(.array) { return "array" }
        if has(.function) { return "function" }
        if has(.record) { return "record" }
        if has(.session) { return "session" }
        return has(.instance) ? "instance" : "null"
    }
}
