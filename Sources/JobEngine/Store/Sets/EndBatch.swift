/// The ends of attempts of one worker that are decided by their templates and wait to be written together.
struct EndBatch {
    /// An end, and its place among the results of the transaction.
    struct Entry {
        let place: Int
        let attempt: Attempt
        let end: AttemptEnd
    }

    private(set) var entries: [Entry] = []

    mutating func append(_ attempt: Attempt, _ end: AttemptEnd, at place: Int) {
        entries.append(Entry(place: place, attempt: attempt, end: end))
    }
}
