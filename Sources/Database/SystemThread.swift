internal import Glibc

/// A thread of the operating system, for code that blocks or needs a deep stack. The one place that makes
/// threads.
package final class SystemThread: Sendable {
    /// Enough for a script's deepest recursion; only the pages that are touched cost memory.
    package static let defaultStackSizeBytes = 16 << 20

    private let handle: pthread_t

    /// Starts a thread that runs the body once.
    ///
    /// - Parameter name: shown by debuggers and `ps -L`, where the kernel keeps 15 bytes of it.
    package init(
        name: String, stackSizeBytes: Int = defaultStackSizeBytes, _ body: @escaping @Sendable () -> Void
    ) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        guard pthread_attr_setstacksize(&attributes, stackSizeBytes) == 0 else {
            preconditionFailure("\(stackSizeBytes) bytes are no possible stack size")
        }
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(name: name, body))
        let status = pthread_create(&thread, &attributes, runThread, start.toOpaque())
        guard status == 0 else {
            // The limit on threads or memory is reached; nothing in this program could go on.
            preconditionFailure("The system refused a thread: \(String(cString: strerror(status)))")
        }
        handle = thread
    }

    /// Waits until the body has returned. Called exactly once, and never by the thread itself.
    package func join() {
        pthread_join(handle, nil)
    }

    /// Starts a thread that nobody waits for: for calls into C that may block for as long as they like.
    package static func detached(
        name: String, stackSizeBytes: Int, _ body: @escaping @Sendable () -> Void
    ) {
        pthread_detach(SystemThread(name: name, stackSizeBytes: stackSizeBytes, body).handle)
    }

    /// What a thread runs, on its way through C.
    fileprivate final class Start {
        private let name: String
        private let body: @Sendable () -> Void

        init(name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            setName()
            body()
        }

        /// Through the kernel's file, because Glibc's module leaves out `pthread_setname_np`. A thread
        /// without its name works as well, so failures do not matter.
        private func setName() {
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            let bytes = Array(name.utf8.prefix(15))
            _ = write(file, bytes, bytes.count)
            close(file)
        }
    }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { preconditionFailure("A thread is started with its body") }
    Unmanaged<SystemThread.Start>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
