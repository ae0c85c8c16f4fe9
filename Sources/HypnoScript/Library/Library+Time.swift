import Glibc

/// The clock of the host in the local time zone, and the calendar.
extension Library {
    static let time: [Builtin] = clock + parts + calendar

    private static let clock = [
        Builtin("CurrentTimestamp") {
            native($0, $1, $2) { call throws(Raised) in
                Value(number: Double(try call.clock().components.seconds))
            }
        },
        Builtin("CurrentDate") {
            native($0, $1, $2) { call throws(Raised) in try call.formattedTime("%F") }
        },
        Builtin("CurrentTime") {
            native($0, $1, $2) { call throws(Raised) in try call.formattedTime("%T") }
        },
        Builtin("CurrentDateTime") {
            native($0, $1, $2) { call throws(Raised) in try call.formattedTime("%F %T") }
        },
        Builtin("FormatDateTime") {
            native($0, $1, $2) { call throws(Raised) in try call.formattedTime(try call.string(0)) }
        },
    ]

    private static let parts = [
        Builtin("DayOfWeek") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_wday) }
        },
        Builtin("DayOfYear") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_yday, from: 1) }
        },
        Builtin("CurrentYear") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_year, from: 1900) }
        },
        Builtin("CurrentMonth") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_mon, from: 1) }
        },
        Builtin("CurrentDay") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_mday) }
        },
        Builtin("CurrentHour") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_hour) }
        },
        Builtin("CurrentMinute") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_min) }
        },
        Builtin("CurrentSecond") {
            native($0, $1, $2) { call throws(Raised) in try call.timePart(\.tm_sec) }
        },
    ]

    private static let calendar = [
        Builtin("IsLeapYear") {
            native($0, $1, $2) { call throws(Raised) in Value(Calendar.isLeap(year: try call.integer(0))) }
        },
        Builtin("DaysInMonth") {
            native($0, $1, $2) { call throws(Raised) in
                let (year, month) = (try call.integer(0), try call.natural(1))
                guard let days = Calendar.days(inMonth: month, ofYear: year) else { return .null }
                return Value(number: Double(days))
            }
        },
    ]
}

extension BuiltinCall {
    fileprivate func timePart(
        _ part: KeyPath<tm, Int32>, from origin: Double = 0
    ) throws(Raised) -> Value {
        Value(number: Double(LocalTime(try clock()).parts[keyPath: part]) + origin)
    }

    fileprivate func formattedTime(_ format: String) throws(Raised) -> Value {
        let time = LocalTime(try clock())
        return try text { result throws(Raised) in
            guard try time.write(format, to: &result) else { throw raise(.runtime, "Invalid date format") }
        }
    }
}

/// The Gregorian calendar, also before it was introduced.
private enum Calendar {
    /// Years further away than this have no dates.
    private static let greatestYear = 262_142

    static func isLeap(year: Int) -> Bool {
        (-greatestYear...greatestYear).contains(year)
            && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Nil for a month or year that does not exist.
    static func days(inMonth month: Int, ofYear year: Int) -> Int? {
        guard (1...12).contains(month), (-greatestYear...greatestYear).contains(year) else { return nil }
        switch month {
        case 2: return isLeap(year: year) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }
}
