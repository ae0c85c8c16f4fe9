/// An instant in UTC with microsecond resolution, the only form in which this program stores time.
///
/// It saturates at the ends of the years 0 and 9999, so that every instant has a text of fixed length whose
/// alphabetical order is its order in time, which SQLite's indexes rely on.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    package let microseconds: Int64

    /// 0000-01-01 00:00:00.000000.
    package static let earliest = Timestamp(microseconds: .min)
    /// 9999-12-31 23:59:59.999999.
    package static let latest = Timestamp(microseconds: .max)

    private static let range: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

    /// The instant so many microseconds after 1970, saturating at the years 0 and 9999.
    package init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.range.lowerBound), Self.range.upperBound)
    }

    /// The instant of a day and a time in it.
    package init(date: CivilDate, microsecondsOfDay: Int64) {
        self.init(microseconds: Int64(date.daysSinceEpoch) * Self.microsecondsPerDay + microsecondsOfDay)
    }

    /// The day this instant falls on.
    package var date: CivilDate {
        CivilDate(daysSinceEpoch: Int((microseconds - microsecondsOfDay) / Self.microsecondsPerDay))
    }

    /// The time since midnight UTC.
    package var microsecondsOfDay: Int64 {
        let remainder = microseconds % Self.microsecondsPerDay
        return remainder >= 0 ? remainder : remainder + Self.microsecondsPerDay
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The later instant; what is finer than a microsecond is cut off.
    package static func + (instant: Timestamp, duration: Duration) -> Timestamp {
        let sum = Int128(instant.microseconds) + duration.attoseconds / attosecondsPerMicrosecond
        return Timestamp(microseconds: Int64(clamping: sum))
    }

    /// The earlier instant; what is finer than a microsecond is cut off.
    package static func - (instant: Timestamp, duration: Duration) -> Timestamp {
        let difference = Int128(instant.microseconds) - duration.attoseconds / attosecondsPerMicrosecond
        return Timestamp(microseconds: Int64(clamping: difference))
    }

    /// The time that passed from the right instant to the left one.
    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    static let microsecondsPerDay: Int64 = 86_400_000_000
    private static let attosecondsPerMicrosecond: Int128 = 1_000_000_000_000
}
