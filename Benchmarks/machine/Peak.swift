import Synchronization

/// The most memory that this process had, looked at now and then.
final class Peak: Sendable {
    private let most = Atomic(0)
    private let looks = Atomic(0)

    var bytes: Int { most.load(ordering: .relaxed) }

    /// Every hundredth time it asks the kernel.
    func look() {
        guard looks.add(1, ordering: .relaxed).newValue % 100 == 0 else { return }
        most.max(Clock.residentBytes(), ordering: .relaxed)
    }
}
