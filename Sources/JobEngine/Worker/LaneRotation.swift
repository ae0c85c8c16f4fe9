/// Which lanes a worker's next claim looks into: a pure value that is told what the claims found.
///
/// Workers take lanes for the time of one claim. With few of them each claim takes several lanes, and with
/// more workers than lanes one. A lane that another worker is claiming from is tried again soon; one that was
/// empty waits for news of it or for the next poll, when all are looked at.
struct LaneRotation: Sendable, Hashable {
    /// Those that may hold due work.
    private(set) var pending: Set<Int>
    /// Those of which something was heard since the last choice: the claim under way may have come too early.
    private var heardSince: Set<Int> = []
    /// Where the next choice begins, so that no lane is always last.
    private var start: Int
    private var share: Int

    /// - Parameter start: any number; workers that begin at different lanes meet less often.
    init(start: Int) {
        pending = Set(Lane.all)
        self.start = start % Lane.count
        share = Lane.count
    }

    /// So many workers live, this one among them.
    mutating func share(among workers: Int) {
        share = max(1, Lane.count / max(1, workers))
    }

    /// The lanes of the next claim, at least one. When nothing was pending, all lanes are looked at again.
    mutating func next() -> [Int] {
        if pending.isEmpty { pending = Set(Lane.all) }
        let order = (0..<Lane.count).map { (start + $0) % Lane.count }
        let chosen = Array(order.filter(pending.contains).prefix(share))
        if let last = chosen.last { start = (last + 1) % Lane.count }
        heardSince = []
        return chosen
    }

    /// A claim got these lanes, and they gave as much as it wanted (`isFull`) or hold no more due work.
    mutating func claimed(_ lanes: [Int], isFull: Bool) {
        guard !isFull else { return }
        pending.subtract(Set(lanes).subtracting(heardSince))
    }

    /// Something was enqueued there.
    mutating func heard(of lanes: some Sequence<Int>) {
        let known = lanes.filter(Lane.all.contains)
        pending.formUnion(known)
        heardSince.formUnion(known)
    }
}
