/// Conversions, and the functions that speak to the audience.
extension Library {
    static let core: [Builtin] = conversions + hypnosis

    private static let conversions = [
        Builtin("ToInt") {
            native($0, $1, $2) { call throws(Raised) in
                let number = try call.number(0).rounded(.towardZero)
                if number.isNaN { return .zero }
                // Adding 0 turns -0 into 0.
                return Value(number: min(max(number, -0x1p63), 0x1p63) + 0)
            }
        },
        Builtin("ToDouble") {
            native($0, $1, $2) { call throws(Raised) in
                let text = try call.text(0)
                if let number = try call.parse(text) { return Value(number: number) }
                let problem = text.isEmpty ? "cannot parse float from empty string" : "invalid float literal"
                throw call.raise(.runtime, problem)
            }
        },
        Builtin("ToString") {
            native($0, $1, $2) { call throws(Raised) in try call.text(of: call.optional(0) ?? .null) }
        },
        Builtin("ToBoolean") {
            native($0, $1, $2) { call throws(Raised) in
                if call.isOverloaded, let value = call.optional(0), !value.has(.string) {
                    return Value(value.isTruthy)
                }
                let text = try call.text(0)
                // Nothing longer than these words can be one of them in another letter case.
                guard text.count <= 16 else { return Value(false) }
                let word = String(decoding: try call.lowercased(text).bytes, as: UTF8.self)
                return Value(["true", "1", "yes"].contains(word))
            }
        },
    ]

    private static let hypnosis = [
        Builtin("DeepTrance") {
            native($0, $1, $2) { call throws(Raised) in
                let pause = try call.number(0)
                try call.write("Entering deep trance...\n")
                try call.sleep(.milliseconds(BuiltinCall.milliseconds(pause)))
                try call.write("Emerging from trance...\n")
                return .null
            }
        },
        Builtin("HypnoticCountdown") {
            native($0, $1, $2) { call throws(Raised) in
                var count = try call.integer(0)
                while count > 0 {
                    try call.speak("You are feeling very sleepy... \(count)", pause: 1000)
                    count -= 1
                }
                try call.write("You are now in a deep hypnotic state.\n")
                return .null
            }
        },
        Builtin("TranceInduction") {
            native($0, $1, $2) { call throws(Raised) in
                let subject = try call.string(0)
                try call.speak("Welcome \(subject), you are about to enter a deep trance...", pause: 2000)
                try call.speak("Take a deep breath and relax...", pause: 1500)
                try call.speak("With each breath, you feel more and more relaxed...", pause: 1500)
                try call.speak("Your mind is becoming clear and focused...", pause: 1000)
                return .null
            }
        },
        Builtin("HypnoticVisualization") {
            native($0, $1, $2) { call throws(Raised) in
                let scene = try call.string(0)
                try call.speak("Imagine yourself in \(scene)...", pause: 1500)
                try call.speak("The colors are vivid, the sounds are clear...", pause: 1500)
                try call.speak("You feel completely at peace in this place...", pause: 1000)
                return .null
            }
        },
    ]
}

extension BuiltinCall {
    /// Writes a line and lets it sink in.
    fileprivate func speak(_ line: String, pause milliseconds: Int) throws(Raised) {
        try write(line + "\n")
        try sleep(.milliseconds(milliseconds))
    }
}
