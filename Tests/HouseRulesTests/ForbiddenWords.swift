/// Words that Swift accepts and this house does not, each with the one place that may use it and what to use
/// instead.
struct ForbiddenWord: Sendable {
    let words: [String]
    /// Where it is forbidden.
    let folders: [String]
    /// The files and folders within that need it, because they are what the others shall use.
    let except: [String]
    let instead: String

    init(_ words: String..., in folders: [String], except: [String] = [], instead: String) {
        self.words = words
        self.folders = folders
        self.except = except
        self.instead = instead
    }

    func violations(in source: SwiftSource) -> [Violation] {
        guard folders.contains(where: source.path.isBelow), !except.contains(where: source.path.isBelow)
        else {
            return []
        }
        return source.code.enumerated().flatMap { index, line in
            words.filter(line.containsWord).map { word in
                Violation(path: source.path, line: index + 1, message: "'\(word)': \(instead)")
            }
        }
    }

    private static let everywhere = [""]

    /// Where values print themselves for a script, and a script ends itself: other words that are written the
    /// same.
    private static let scriptLibrary = [
        "Sources/HypnoScript/Library", "Sources/HypnoScript/Execution",
    ]

    static let all: [ForbiddenWord] = [
        ForbiddenWord(
            "try!", "as!", in: everywhere,
            instead: "handle the failure, or guard and say why it cannot happen"),
        ForbiddenWord(
            "fatalError(", "assertionFailure(", "abort(", in: everywhere,
            instead: "preconditionFailure with its reason for our own bug, a thrown error for the world"),
        ForbiddenWord(
            "Date()", "Date.now", "clock_gettime(", "gettimeofday(", "time(nil)",
            "ContinuousClock.now", "ContinuousClock()", "SuspendingClock", in: everywhere,
            except: ["Sources/Effects/TimeSource.swift", "Sources/HypnoScript/Execution/Meter.swift"],
            instead: "time comes from Effects, and a script's deadline is looked at by its Meter"),
        ForbiddenWord(
            "UUID()", "Int.random(", "Double.random(", "Bool.random(", ".randomElement()", ".shuffled()",
            "SystemRandomNumberGenerator", "getrandom(", "arc4random", in: everywhere,
            except: ["Sources/Effects/RandomSource.swift"],
            instead: "randomness and ids come from Effects"),
        ForbiddenWord(
            "Task.sleep", "usleep(", "nanosleep(", in: everywhere,
            except: ["Sources/Effects/TimeSource.swift"],
            instead: "sleep through Effects, so that a test can turn the clock"),
        ForbiddenWord(
            "pthread_create", "Thread(", "Thread.detachNewThread", "DispatchQueue", "DispatchSemaphore",
            in: everywhere, except: ["Sources/Database/SystemThread.swift"],
            instead: "threads are made by ThreadExecutor alone"),
        ForbiddenWord(
            "Task.detached", in: everywhere,
            instead: "a child task or a task group: every task has an owner that waits for it"),
        ForbiddenWord(
            "print(", "debugPrint(", "dump(", "NSLog(", in: ["Sources"],
            except: ["Sources/hypjobs"] + scriptLibrary,
            instead: "only the command line prints; others log, throw or return"),
        ForbiddenWord(
            "getenv(", "ProcessInfo", "CommandLine.arguments", "exit(", in: ["Sources"],
            except: ["Sources/hypjobs"] + scriptLibrary,
            instead: "the environment, the arguments and the end of the process belong to the command line"),
    ]
}
