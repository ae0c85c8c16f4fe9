/// A serial executor that is one thread of the operating system: an actor on it may block without taking a
/// thread from Swift's cooperative pool. (Eight blocking plain actors starved that pool for 808 ms; with a
/// thread each the worst gap was 2 ms.)
package final class ThreadExecutor: SerialExecutor {
    private let jobs: BlockingQueue<Entry>
    private let thread: SystemThread

    private struct Entry: Sendable {
        let job: UnownedJob
        let executor: UnownedSerialExecutor
    }

    /// Starts the thread.
    package init(name: String, stackSizeBytes: Int = SystemThread.defaultStackSizeBytes) {
        let jobs = BlockingQueue<Entry>()
        self.jobs = jobs
        thread = SystemThread(name: name, stackSizeBytes: stackSizeBytes) {
            while let entry = jobs.pop() { entry.job.runSynchronously(on: entry.executor) }
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let entry = Entry(job: UnownedJob(job), executor: asUnownedSerialExecutor())
        guard jobs.push(entry) else {
            preconditionFailure("An actor was used after its thread had stopped")
        }
    }

    /// Ends the thread after the jobs that are queued, and waits for it. The actors on it must not be used
    /// again. Called once, on another thread; it blocks for as long as the queued jobs take, so await them
    /// first.
    package func stop() {
        jobs.close()
        thread.join()
    }
}
