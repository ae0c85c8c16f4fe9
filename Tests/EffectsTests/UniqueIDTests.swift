import Effects
import Synchronization
import TestSupport
import Testing

@Suite("Unique identifiers")
struct UniqueIDTests {
    @Test("an id comes back from its text, in either case")
    func roundTrip() {
        let random = SeededRandom(seed: 7)
        for _ in 0..<5000 {
            let id = UniqueID(high: random.next(), low: random.next())
            #expect(UniqueID(id.description) == id, "seed \(random.seed)")
            #expect(UniqueID(id.description.uppercased()) == id, "seed \(random.seed)")
            #expect(UniqueID("<\(id)>".dropFirst().dropLast()) == id, "seed \(random.seed)")
        }
        let id = UniqueID(high: 0x0123_4567_89AB_CDEF, low: 0x8123_4567_89AB_CDEF)
        #expect(id.description == "01234567-89ab-cdef-8123-456789abcdef")
    }

    @Test(
        "what is no id is refused",
        arguments: [
            "", "01234567-89ab-cdef-8123-456789abcde", "01234567-89ab-cdef-8123-456789abcdef0",
            "0123456-789ab-cdef-8123-456789abcdef", "01234567-89ab-cdef-8123-456789abcdeg",
            "{1234567-89ab-cdef-8123-456789abcde}", "01234567089ab0cdef081230456789abcdef",
        ])
    func refused(text: String) {
        #expect(UniqueID(text) == nil)
    }

    @Test("every byte that is no hexadecimal digit is refused, in every place")
    func bytes() {
        let text = Array("01234567-89ab-cdef-8123-456789abcdef".utf8)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                let isHyphen = [8, 13, 18, 23].contains(place)
                let fits = isHyphen ? byte == 0x2D : Character(Unicode.Scalar(byte)).isHexDigit && byte < 0x80
                let id = changed.withUnsafeBufferPointer { UniqueID(utf8: $0) }
                #expect((id != nil) == fits, "\(byte) at \(place)")
                if let id {
                    #expect(Array(id.description.utf8) == changed.map { $0 | (isHyphen ? 0 : 0x20) })
                }
            }
        }
    }

    @Test("ids of version 7 grow, also while the clock stands or is set back")
    func grows() {
        let time = ManualTime()
        let generator = UUIDVersion7(time: time, random: SeededRandom(seed: 3))
        var last = generator.next()
        for round in 0..<30_000 {
            if round % 1000 == 999 { time.advance(by: .milliseconds(round % 3)) }
            if round == 20_000 { time.set(Timestamp(microseconds: 1_000_000)) }
            let next = generator.next()
            #expect(last < next)
            #expect(next.high >> 12 & 15 == 7)
            #expect(next.low >> 62 == 2)
            last = next
        }
    }

    @Test("an id of version 7 begins with the milliseconds")
    func time() {
        let time = ManualTime(now: Timestamp(microseconds: 1_795_489_323_123_456))
        let id = UUIDVersion7(time: time, random: SeededRandom(seed: 3)).next()
        #expect(id.high >> 16 == 1_795_489_323_123)
    }

    @Test("threads never get the same id")
    func threads() async {
        let generator = UUIDVersion7(time: ManualTime(), random: SeededRandom(seed: 9))
        let ids = await withTaskGroup(of: [UniqueID].self) { group in
            for _ in 0..<4 { group.addTask { (0..<2000).map { _ in generator.next() } } }
            return await group.reduce(into: Set<UniqueID>()) { $0.formUnion($1) }
        }
        #expect(ids.count == 8000)
    }
}
