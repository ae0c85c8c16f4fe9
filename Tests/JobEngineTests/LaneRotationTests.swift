import Testing

@testable import JobEngine

@Suite("Which lanes a claim looks into")
struct LaneRotationTests {
    @Test("with few workers a claim takes several lanes, with many one, and none is always last")
    func shares() {
        var lanes = LaneRotation(start: 3)
        #expect(Set(lanes.next()) == Set(Lane.all))
        for (workers, share) in [(1, 8), (2, 4), (3, 2), (8, 1), (64, 1)] {
            lanes.share(among: workers)
            #expect(lanes.next().count == share, "\(workers)")
        }
        lanes.share(among: 64)
        #expect(Set((0..<Lane.count).flatMap { _ in lanes.next() }) == Set(Lane.all))
    }

    @Test("a lane that gave less than was wanted waits for news, one that gave all of it does not")
    func emptiness() {
        var lanes = LaneRotation(start: 0)
        lanes.share(among: 8)
        let full = lanes.next()
        lanes.claimed(full, isFull: true)
        let empty = lanes.next()
        lanes.claimed(empty, isFull: false)
        #expect(lanes.pending == Set(Lane.all).subtracting(empty))
        lanes.heard(of: empty + [99])
        #expect(lanes.pending == Set(Lane.all))
    }

    @Test("what is heard while a claim is under way is not forgotten when it finds nothing")
    func newsDuringClaim() {
        var lanes = LaneRotation(start: 0)
        let chosen = lanes.next()
        lanes.heard(of: [5])
        lanes.claimed(chosen, isFull: false)
        #expect(lanes.pending == [5])
        #expect(lanes.next() == [5])
        lanes.claimed([5], isFull: false)
        #expect(lanes.pending.isEmpty)
    }

    @Test("a lane that another worker claims from stays, and when none is left all are looked at")
    func othersLanes() {
        var lanes = LaneRotation(start: 0)
        _ = lanes.next()
        lanes.claimed([0, 1, 2], isFull: false)
        #expect(lanes.pending == [3, 4, 5, 6, 7])
        lanes.claimed([3, 4, 5, 6, 7], isFull: false)
        #expect(Set(lanes.next()) == Set(Lane.all))
    }
}
