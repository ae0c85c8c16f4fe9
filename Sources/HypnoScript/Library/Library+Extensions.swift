/// What the documented dialect adds to the library.
extension Library {
    static let extensions: [Builtin] =
        control + types + objects + arraySets + moreText + moreMathematics + random + json + csv + digests
        + encodings + moreFiles + moreSystem + input + assertions + database

    /// One function under several names.
    static func named(_ names: String..., function: @escaping NativeFunction) -> [Builtin] {
        names.map { Builtin($0, function) }
    }

    private static let control =
        named("Throw") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                throw call.machine.pointee.raise(.runtime, try call.printed(value), thrown: value)
            }
        }
        + named("Sleep", "Drift") {
            native($0, $1, $2) { call throws(Raised) in
                try call.sleep(.milliseconds(BuiltinCall.milliseconds(try call.number(0))))
                return .null
            }
        }
        + named("Ok") {
            native($0, $1, $2) { call throws(Raised) in
                call.machine.pointee.makeRecord(ofType: "Ok", content: call.optional(0) ?? .null)
            }
        }
        + named("Err") {
            native($0, $1, $2) { call throws(Raised) in
                call.machine.pointee.makeRecord(ofType: "Err", content: try call.value(0))
            }
        }
}
