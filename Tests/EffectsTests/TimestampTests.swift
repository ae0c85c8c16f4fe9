import Effects
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "an instant has its known texts",
        arguments: [
            (0, "1970-01-01 00:00:00.000000"),
            (-1, "1969-12-31 23:59:59.999999"),
            (951_782_400_000_000, "2000-02-29 00:00:00.000000"),
            (1_795_489_323_123_456, "2026-11-24 03:02:03.123456"),
            (Int64.min, "0000-01-01 00:00:00.000000"),
            (Int64.max, "9999-12-31 23:59:59.999999"),
        ])
    func knownTexts(microseconds: Int64, text: String) {
        let instant = Timestamp(microseconds: microseconds)
        #expect(instant.sqlText == text)
        #expect(instant.rfc3339 == text.replacing(" ", with: "T") + "Z")
    }

    @Test("an instant comes back from both of its texts")
    func roundTrip() {
        let random = SeededRandom(seed: 20_261_124)
        let span = UInt64(Timestamp.latest.microseconds - Timestamp.earliest.microseconds)
        var earlier = Timestamp.earliest
        for _ in 0..<20_000 {
            let offset = Int64(random.uniform(below: span))
            let instant = Timestamp(microseconds: Timestamp.earliest.microseconds + offset)
            #expect(Timestamp(sqlText: instant.sqlText) == instant, "seed \(random.seed)")
            #expect(Timestamp(rfc3339: instant.rfc3339) == instant, "seed \(random.seed)")
            #expect((earlier < instant) == (earlier.sqlText < instant.sqlText), "seed \(random.seed)")
            earlier = instant
        }
    }

    @Test(
        "an offset and a fraction of any length are understood",
        arguments: [
            ("2026-11-24T01:02:03Z", "2026-11-24 01:02:03.000000"),
            ("2026-11-24t01:02:03.5z", "2026-11-24 01:02:03.500000"),
            ("2026-11-24T01:02:03.123456789Z", "2026-11-24 01:02:03.123456"),
            ("2026-11-24T01:02:03+05:30", "2026-11-23 19:32:03.000000"),
            ("2026-12-31T23:30:00-01:00", "2027-01-01 00:30:00.000000"),
        ])
    func rfc3339(text: String, sqlText: String) {
        #expect(Timestamp(rfc3339: text)?.sqlText == sqlText)
    }

    @Test(
        "what is no instant is refused",
        arguments: [
            "", "2026-11-24", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-11-24T24:00:00Z", "2026-11-24T23:60:00Z", "2026-11-24T23:59:60Z", "2026-11-24T01:02:03",
            "2026-11-24T01:02:03.Z", "2026-11-24T01:02:03.0123456789Z", "2026-11-24T01:02:03+0530",
            "2026-11-24T01:02:03Z ", "２026-11-24T01:02:03Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("SQL text has no offset and rfc3339 has no gap of two")
    func separators() {
        #expect(Timestamp(sqlText: "2026-11-24 01:02:03") != nil)
        #expect(Timestamp(sqlText: "2026-11-24T01:02:03") == nil)
        #expect(Timestamp(sqlText: "2026-11-24 01:02:03Z") == nil)
        #expect(Timestamp(rfc3339: "2026-11-24  01:02:03Z") == nil)
    }

    @Test("arithmetic saturates instead of overflowing")
    func arithmetic() {
        let instant = Timestamp(microseconds: 0)
        #expect((instant + .seconds(90)).microseconds == 90_000_000)
        #expect((instant - .milliseconds(1)).microseconds == -1000)
        #expect(instant + .seconds(Int64.max) == .latest)
        #expect(instant - .seconds(Int64.max) == .earliest)
        #expect(Timestamp(microseconds: 5) - Timestamp(microseconds: 2) == .microseconds(3))
    }
}

@Suite("Civil date")
struct CivilDateTests {
    @Test("every day of eight centuries follows the one before")
    func days() throws {
        var before = CivilDate(daysSinceEpoch: -200_001)
        for number in -200_000...100_000 {
            let day = CivilDate(daysSinceEpoch: number)
            let isNextInMonth =
                day.day == before.day + 1 && day.month == before.month && day.year == before.year
            let isFirst =
                day.day == 1 && before.day == CivilDate.length(ofMonth: before.month, year: before.year)
            #expect(isNextInMonth || isFirst)
            #expect(day.daysSinceEpoch == number)
            #expect(day.weekday == (before.weekday + 1) % 7)
            before = day
        }
    }

    @Test("a day that the calendar has not is refused")
    func refused() {
        #expect(CivilDate(year: 2000, month: 2, day: 29)?.weekday == 2)
        #expect(CivilDate(year: 1900, month: 2, day: 29) == nil)
        #expect(CivilDate(year: 2026, month: 4, day: 31) == nil)
        #expect(CivilDate(year: 2026, month: 1, day: 0) == nil)
    }
}
