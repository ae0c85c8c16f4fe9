internal import Effects
internal import Glibc

/// A first-in-first-out queue between threads, on which a thread may sleep.
///
/// For threads of our own only: `pop`, and `push` to a bounded queue, block, which a cooperative thread
/// must not.
package final class BlockingQueue<Element: Sendable>: Sendable {
    // Safe because `locked` is the only way to it and holds its mutex. Synchronization's Mutex would prove
    // that to the compiler, but has no condition to sleep on.
    nonisolated(unsafe) private let state: State

    /// - Parameter bound: the number of elements at which `push` waits for room.
    package init(bound: Int = .max) {
        precondition(bound > 0, "A queue without room could never be used")
        state = State(bound: bound)
    }

    /// How many elements wait at this moment.
    package var count: Int {
        locked { $0.count }
    }

    /// Puts an element at the end, waiting for room in a bounded queue; false when the queue is closed.
    @discardableResult
    package func push(_ element: Element) -> Bool {
        locked { state in
            state.waitForRoom()
            guard !state.isClosed else { return false }
            state.elements.append(element)
            if state.sleepingTakers > 0 { pthread_cond_signal(state.filled) }
            return true
        }
    }

    /// Puts all elements at the end in one go, over the bound when they are many; false when the queue is
    /// closed.
    @discardableResult
    package func pushAll(_ elements: some Sequence<Element>) -> Bool {
        locked { state in
            state.waitForRoom()
            guard !state.isClosed else { return false }
            state.elements.append(contentsOf: elements)
            if state.sleepingTakers > 0 { pthread_cond_broadcast(state.filled) }
            return true
        }
    }

    /// Takes the first element, sleeping until there is one; nil once the queue is closed and empty.
    package func pop() -> Element? {
        locked { state in
            state.waitForElement()
            return state.count > 0 ? state.takeFirst() : nil
        }
    }

    /// The same, but nil as well when there was none for so long.
    package func pop(within pause: Duration) -> Element? {
        locked { state in
            state.waitForElement(within: pause)
            return state.count > 0 ? state.takeFirst() : nil
        }
    }

    /// Takes all elements, sleeping until there is one; empty once the queue is closed and empty.
    package func popAll() -> [Element] {
        locked { state in
            state.waitForElement()
            return state.takeAll()
        }
    }

    /// Takes what is there, without sleeping.
    package func drain() -> [Element] {
        locked { $0.takeAll() }
    }

    /// Ends the queue: nothing more goes in, what is in comes out, sleepers wake.
    package func close() {
        locked { state in
            state.isClosed = true
            pthread_cond_broadcast(state.filled)
            pthread_cond_broadcast(state.drained)
        }
    }

    private func locked<Result>(_ body: (State) -> Result) -> Result {
        pthread_mutex_lock(state.mutex)
        defer { pthread_mutex_unlock(state.mutex) }
        return body(state)
    }

    /// What the mutex guards. A class, because a thread asleep in the middle of an access must not hold an
    /// exclusive one.
    private final class State {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        let drained = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        let bound: Int
        var elements: [Element] = []
        /// Elements before this index were taken.
        private var taken = 0
        private(set) var sleepingTakers = 0
        private var sleepingGivers = 0
        var isClosed = false

        var count: Int { elements.count - taken }

        init(bound: Int) {
            self.bound = bound
            pthread_mutex_init(mutex, nil)
            // By the clock that nobody sets: a pause is as long as it was meant.
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(filled, &attributes)
            pthread_condattr_destroy(&attributes)
            pthread_cond_init(drained, nil)
        }

        deinit {
            pthread_cond_destroy(drained)
            pthread_cond_destroy(filled)
            pthread_mutex_destroy(mutex)
            drained.deallocate()
            filled.deallocate()
            mutex.deallocate()
        }

        func waitForElement() {
            while count == 0, !isClosed {
                sleepingTakers += 1
                pthread_cond_wait(filled, mutex)
                sleepingTakers -= 1
            }
        }

        func waitForElement(within pause: Duration) {
            let (seconds, attoseconds) = (SystemTime().uptime() + pause).components
            var end = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            while count == 0, !isClosed {
                sleepingTakers += 1
                let isOver = pthread_cond_timedwait(filled, mutex, &end) == ETIMEDOUT
                sleepingTakers -= 1
                if isOver { return }
            }
        }

        func waitForRoom() {
            while count >= bound, !isClosed {
                sleepingGivers += 1
                pthread_cond_wait(drained, mutex)
                sleepingGivers -= 1
            }
        }

        func takeFirst() -> Element {
            let element = elements[taken]
            taken += 1
            // What was taken is dropped when it is half of the array, so that each element is moved once on
            // average.
            if taken == elements.count || (taken >= 32 && taken * 2 >= elements.count) {
                elements.removeFirst(taken)
                taken = 0
            }
            if sleepingGivers > 0 { pthread_cond_signal(drained) }
            return element
        }

        func takeAll() -> [Element] {
            let rest = taken == 0 ? elements : Array(elements[taken...])
            elements = []
            taken = 0
            if sleepingGivers > 0 { pthread_cond_broadcast(drained) }
            return rest
        }
    }
}
