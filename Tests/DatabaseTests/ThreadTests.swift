import Database
import Synchronization
import Testing

@Suite("Blocking queue", .timeLimit(.minutes(1)))
struct BlockingQueueTests {
    @Test("elements come out in the order in which they went in, however they are taken")
    func order() {
        let queue = BlockingQueue<Int>()
        queue.pushAll(1...200)
        #expect((1...150).map { _ in queue.pop() } == Array(1...150))
        queue.push(201)
        #expect(queue.count == 51)
        #expect(queue.popAll() == Array(151...201))
        #expect(queue.drain().isEmpty)
        #expect(queue.count == 0)
    }

    @Test("a closed queue takes nothing more and gives out what is in it")
    func close() {
        let queue = BlockingQueue<Int>()
        queue.push(1)
        queue.close()
        #expect(!queue.push(2))
        #expect(!queue.pushAll([3]))
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
        #expect(queue.popAll().isEmpty)
    }

    @Test("closing wakes those that sleep for an element and those that sleep for room")
    func closeWakes() {
        let empty = BlockingQueue<Int>()
        let full = BlockingQueue<Int>(bound: 1)
        full.push(1)
        let taken = Mutex<[Int?]>([])
        let given = Mutex<[Bool]>([])
        let threads = [
            SystemThread(name: "taker") {
                let element = empty.pop(); taken.withLock { $0.append(element) }
            },
            SystemThread(name: "giver") {
                let isIn = full.push(2); given.withLock { $0.append(isIn) }
            },
        ]
        empty.close()
        full.close()
        for thread in threads { thread.join() }
        #expect(taken.withLock { $0 } == [nil])
        #expect(given.withLock { $0 } == [false])
        #expect(full.drain() == [1])
    }

    @Test("a bounded queue makes its givers wait, and loses and doubles nothing")
    func bound() {
        let queue = BlockingQueue<Int>(bound: 3)
        let sums = Mutex<(count: Int, sum: Int, most: Int)>((0, 0, 0))
        let givers = (0..<3).map { giver in
            SystemThread(name: "giver") {
                for number in 0..<1000 { queue.push(giver * 1000 + number) }
            }
        }
        let takers = (0..<2).map { _ in
            SystemThread(name: "taker") {
                while let number = queue.pop() {
                    let waiting = queue.count
                    sums.withLock { $0 = ($0.count + 1, $0.sum + number, max($0.most, waiting)) }
                }
            }
        }
        for giver in givers { giver.join() }
        queue.close()
        for taker in takers { taker.join() }
        let (count, sum, most) = sums.withLock { $0 }
        #expect(count == 3000)
        #expect(sum == (0..<3000).reduce(0, +))
        #expect(most <= 3)
    }

    @Test("many elements go in at once, over the bound, and the next giver waits for room")
    func pushAllOverBound() {
        let queue = BlockingQueue<Int>(bound: 2)
        queue.pushAll(1...5)
        let giver = SystemThread(name: "giver") { queue.push(6) }
        #expect((1...4).map { _ in queue.pop() } == [1, 2, 3, 4])
        giver.join()
        #expect(queue.drain() == [5, 6])
    }
}

@Suite("Thread executor", .timeLimit(.minutes(1)))
struct ThreadExecutorTests {
    /// An actor on a thread of its own.
    private actor Worker {
        private let executor: ThreadExecutor
        private(set) var numbers: [Int] = []

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ executor: ThreadExecutor) {
            self.executor = executor
        }

        func add(_ number: Int) { numbers.append(number) }

        func wait(for queue: BlockingQueue<Int>) -> Int? { queue.pop() }

        func assertIsolated() { assumeIsolated { $0.numbers.append(-1) } }
    }

    @Test("an actor may block its thread while others go on")
    func blocks() async {
        let executors = (0..<8).map { ThreadExecutor(name: "worker-\($0)") }
        let workers = executors.map(Worker.init)
        let queue = BlockingQueue<Int>()
        // More blocked actors than the machine has cores: on the cooperative pool nobody would be left to
        // push.
        await withTaskGroup(of: Int?.self) { group in
            for worker in workers { group.addTask { await worker.wait(for: queue) } }
            group.addTask {
                queue.pushAll(1...8)
                return nil
            }
            var sum = 0
            for await number in group { sum += number ?? 0 }
            #expect(sum == 36)
        }
        for executor in executors { executor.stop() }
    }

    @Test("an actor's jobs run one at a time, and the runtime knows whose thread it is")
    func serial() async {
        let executor = ThreadExecutor(name: "worker")
        let worker = Worker(executor)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 { group.addTask { await worker.add(number) } }
        }
        #expect(await worker.numbers.sorted() == Array(0..<500))
        await worker.assertIsolated()
        #expect(await worker.numbers.last == -1)
        executor.stop()
    }

    @Test("a thread runs its body on the stack it was promised")
    func stack() {
        let depth = Mutex(0)
        let thread = SystemThread(name: "a name longer than fifteen bytes", stackSizeBytes: 64 << 20) {
            depth.withLock { $0 = Self.descend(100_000) }
        }
        thread.join()
        #expect(depth.withLock { $0 } == 100_000)
    }

    /// Some hundred bytes of stack a level, so that the usual 8 MB would not do.
    private static func descend(_ levels: Int) -> Int {
        guard levels > 0 else { return 0 }
        return withUnsafeTemporaryAllocation(byteCount: 160, alignment: 16) { buffer in
            buffer[0] = UInt8(truncatingIfNeeded: levels)
            return 1 + descend(levels - 1) + Int(buffer[0]) - Int(UInt8(truncatingIfNeeded: levels))
        }
    }
}
