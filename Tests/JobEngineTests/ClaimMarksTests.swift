import Effects
import TestSupport
import Testing

@testable import JobEngine

@Suite("Marks of claims")
struct ClaimMarksTests {
    private let level = ClaimMarks.Level(queue: "mail", priority: 0)
    private let other = ClaimMarks.Level(queue: "mail", priority: 5)

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }

    private func place(_ seconds: Int64) -> ClaimMarks.Place {
        ClaimMarks.Place(time: time(seconds), execution: UniqueID(high: UInt64(seconds), low: 0))
    }

    /// - Parameter taken: the same from each of the lanes.
    private func look(
        _ lanes: [Int] = [0, 1], _ taken: [ClaimMarks.Level: ClaimMarks.Place] = [:], isFull: Bool = true,
        elapsed: Duration = .milliseconds(50)
    ) -> ClaimMarks.Look {
        ClaimMarks.Look(
            lanes: lanes, taken: Dictionary(uniqueKeysWithValues: lanes.map { ($0, taken) }), count: 100,
            isFull: isFull, elapsed: elapsed)
    }

    @Test("while a full look is quick every look is one")
    func quick() {
        var marks = ClaimMarks()
        #expect(marks.start(["mail"], lanes: [0], now: .zero) == nil)
        marks.looked(look([0, 1], [level: place(9)], elapsed: .milliseconds(7)), now: .zero)
        #expect(marks.start(["mail"], lanes: [0], now: .zero) == nil)
    }

    @Test("once it is slow, looks begin at the marks for a second, or twenty times as long as it took")
    func slow() {
        var marks = ClaimMarks()
        marks.looked(look([0, 1], [level: place(9)]), now: .zero)
        #expect(
            marks.start(["mail"], lanes: [0, 1], now: .milliseconds(999)) == [
                level: [0: place(9), 1: place(9)]
            ])
        #expect(marks.start(["mail"], lanes: [0], now: .seconds(1)) == nil)
        marks.looked(look(elapsed: .milliseconds(400)), now: .seconds(1))
        #expect(marks.start(["mail"], lanes: [0], now: .milliseconds(8999)) == [level: [0: place(9)]])
        #expect(marks.start(["mail"], lanes: [0], now: .seconds(9)) == nil)
        marks.looked(look(elapsed: .milliseconds(1)), now: .seconds(9))
        #expect(marks.start(["mail"], lanes: [0], now: .seconds(9)) == nil)
    }

    @Test("a lane that was not looked at as a whole, or a queue of which nothing is known, needs a full look")
    func unknown() {
        var marks = ClaimMarks()
        marks.looked(look([0, 1], [level: place(9)]), now: .zero)
        #expect(marks.start(["mail"], lanes: [0, 2], now: .zero) == nil)
        #expect(marks.start(["slow"], lanes: [0], now: .zero) == nil)
    }

    @Test(
        "each lane has its own mark, which never goes back; a lane without one takes the first of the others")
    func lanes() {
        var marks = ClaimMarks()
        marks.looked(look([0, 1], [level: place(5), other: place(7)]), now: .zero)
        marks.looked(look([2]), now: .zero)
        marks.looked(look([0], [level: place(9)], isFull: false), now: .zero)
        marks.looked(look([0], [level: place(6)], isFull: false), now: .zero)
        #expect(
            marks.start(["mail"], lanes: [0], now: .zero) == [level: [0: place(9)], other: [0: place(7)]])
        #expect(
            marks.start(["mail"], lanes: [0, 1, 2], now: .zero) == [
                level: [0: place(9), 1: place(5), 2: place(5)],
                other: [0: place(7), 1: place(7), 2: place(7)],
            ])
    }

    @Test("of what was due at one time a claim takes what lies behind its mark, in the lane of the mark")
    func places() async throws {
        try await withEngine { engine in
            guard engine.store.worksInSets else { return }
            let due = engine.time.now() - .seconds(1)
            for number in 0..<24 {
                try await engine.enqueue(runAt: due, uniqueKey: "\(number)")
                engine.time.advance(by: .milliseconds(8))
            }
            #expect(try await engine.claim(10).keys == (0..<10).map { "\($0)" })
            engine.store.claimMemory.looked(
                ClaimMarks.Look(lanes: Lane.all, taken: [:], count: 10, isFull: true, elapsed: .seconds(1)),
                now: engine.time.uptime())
            let second = try await engine.claim(10)
            #expect(second.keys == (10..<20).map { "\($0)" })
            #expect(!second.isFullLook)
            #expect(try await engine.claim().keys == (20..<24).map { "\($0)" })
        }
    }

    @Test("from a mark on a claim takes in the same order, and a full look finds what lies before it")
    func claims() async throws {
        try await withEngine { engine in
            guard engine.store.worksInSets else { return }
            let now = engine.time.now()
            let requests = (0..<6).map { number in
                EnqueueRequest(
                    script: "greeting", priority: number / 3, runAt: now - .seconds(60 - number),
                    uniqueKey: "\(number)")
            }
            _ = try await engine.store.enqueue(requests, by: engine.initiator)
            #expect(try await engine.claim(4).keys == ["0", "1", "2", "3"])
            // As if that had been slow.
            engine.store.claimMemory.looked(
                ClaimMarks.Look(
                    lanes: Lane.all, taken: [:], count: 4, isFull: true, elapsed: .seconds(1)),
                now: engine.time.uptime())
            try await engine.enqueue(runAt: now - .seconds(100), uniqueKey: "late commit")
            try await engine.enqueue(priority: -1, uniqueKey: "new priority")
            try await engine.enqueue(runAt: now - .seconds(1), uniqueKey: "behind")
            #expect(try await engine.claim(2).keys == ["behind", "4"])
            #expect(try await engine.claim().keys == ["5"])
            #expect(try await engine.claim().keys == [])
            engine.time.advance(by: .seconds(20))
            #expect(try await engine.claim().keys == ["new priority", "late commit"])
        }
    }

    @Test("a worker that ends when nothing is left does not end because nothing is behind its marks")
    func once() async throws {
        try await withEngine(isEager: true) { engine in
            guard engine.store.worksInSets else { return }
            try await engine.enqueue()
            try await engine.record(engine.claimOne(), .succeeded(result: nil))
            // As if that had been slow.
            engine.store.claimMemory.looked(
                ClaimMarks.Look(
                    lanes: Lane.all,
                    taken: [
                        0: [
                            ClaimMarks.Level(queue: "default", priority: 0): ClaimMarks.Place(
                                time: engine.time.now(), execution: UniqueID(high: 0, low: 0))
                        ]
                    ], count: 1, isFull: true, elapsed: .seconds(1)), now: engine.time.uptime())
            let late = try await engine.enqueue(runAt: engine.time.now() - .seconds(100))
            let summary = try await engine.worker(once: true).run()
            #expect(summary.completed == 1)
            #expect(try await engine.store.execution(late).summary.status == .completed)
        }
    }
}
