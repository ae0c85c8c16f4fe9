/// Assertions as functions; an argument behind their own is the message.
extension Library {
    static let assertions: [Builtin] =
        named("AssertEqual") {
            native($0, $1, $2) { call throws(Raised) in
                let (actual, expected) = (try call.value(0), try call.value(1))
                if call.isDeeplyEqual(actual, expected) { return .null }
                let texts = (try call.printed(expected), try call.printed(actual))
                throw try call.failedAssertion(2, "expected \(texts.0), got \(texts.1)")
            }
        }
        + named("AssertNotEqual") {
            native($0, $1, $2) { call throws(Raised) in
                let (actual, expected) = (try call.value(0), try call.value(1))
                if !call.isDeeplyEqual(actual, expected) { return .null }
                throw try call.failedAssertion(2, "expected a value other than \(try call.printed(expected))")
            }
        }
        + named("AssertTrue") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                if value.isTruthy { return .null }
                throw try call.failedAssertion(1, "expected true, got \(try call.printed(value))")
            }
        }
        + named("AssertFalse") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                if !value.isTruthy { return .null }
                throw try call.failedAssertion(1, "expected false, got \(try call.printed(value))")
            }
        }
        + named("AssertNull") {
            native($0, $1, $2) { call throws(Raised) in
                let value = try call.value(0)
                if value.isNull { return .null }
                throw try call.failedAssertion(1, "expected null, got \(try call.printed(value))")
            }
        }
        + named("AssertNotNull") {
            native($0, $1, $2) { call throws(Raised) in
                if !(try call.value(0).isNull) { return .null }
                throw try call.failedAssertion(1, "expected a value, got null")
            }
        }
        + named("DebugPrint") {
            native($0, $1, $2) { call throws(Raised) in
                var text = TextBuilder(call)
                try text.append("[DEBUG] " as StaticString)
                try text.append(printed: try call.value(0))
                try text.append(UInt8(ascii: "\n"))
                try call.write(text.bytes)
                return .null
            }
        }
        + named("Now") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(UniversalTime.text(Int(try call.clock().components.seconds)))
            }
        }
}

extension BuiltinCall {
    /// The error of an assertion, with the message at this position if there is one.
    fileprivate func failedAssertion(_ position: Int, _ text: String) throws(Raised) -> Raised {
        guard let message = optional(position), !message.isNull else {
            return raise(.runtime, "Assertion failed: \(text)")
        }
        return raise(.runtime, "Assertion failed: \(try printed(message))")
    }
}
