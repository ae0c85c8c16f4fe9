/// What a script may reach outside itself. A missing capability is an error of the script, with its line.
package struct ScriptHost: Sendable {
    /// Receives what the script prints; nil makes the first output statement an error.
    package var output: (any ScriptOutput)?
    /// The time since 1970-01-01 UTC.
    package var clock: (@Sendable () -> Duration)?
    package var random: (@Sendable () -> UInt64)?
    /// Blocks the calling thread. Asked for slices of at most `ScriptHost.longestSleep`, so that
    /// cancellation works.
    package var sleep: (@Sendable (Duration) -> Void)?
    /// A line of standard input without its end, nil at the end of input.
    package var input: (@Sendable () -> String?)?
    package var files: ScriptFiles?
    package var environment: ScriptEnvironment?
    /// Whether `mindLink` runs the modules that the compiler has loaded.
    package var loadsModules = false
    /// What `GetArgs()` answers, for a script that may also end the process with `Exit`.
    package var processArguments: [String]?
    package var database: (any ScriptDatabase)?
    /// Where what comes from outside is written down, or comes from.
    package var journal: ScriptJournal?

    package init(
        output: (any ScriptOutput)?, clock: (@Sendable () -> Duration)? = nil,
        random: (@Sendable () -> UInt64)? = nil, sleep: (@Sendable (Duration) -> Void)? = nil,
        input: (@Sendable () -> String?)? = nil
    ) {
        self.output = output
        self.clock = clock
        self.random = random
        self.sleep = sleep
        self.input = input
    }

    /// The same with all that a program may do that has the process to itself: any file, the environment,
    /// modules, `Exit`.
    package func grantingProcess(arguments: [String]) -> ScriptHost {
        var host = self
        host.files = .everywhere
        host.environment = .everything
        host.loadsModules = true
        host.processArguments = arguments
        return host
    }

    /// Half of the 50 ms within which a cancelled script stops.
    static let longestSleep = Duration.milliseconds(20)

    /// Whether the script has the capability at all.
    func grants(_ capability: ScriptCapability) -> Bool {
        switch capability {
        case .output: output != nil
        case .clock: clock != nil
        case .random: random != nil
        case .sleep: sleep != nil
        case .filesystem: files != nil
        case .environment: environment != nil
        case .process: processArguments != nil
        case .stdin: input != nil
        case .modules: loadsModules
        case .database: database != nil
        }
    }
}

/// The classes of effects that a host grants or refuses; the raw value is the name in messages.
package enum ScriptCapability: String, Sendable, CaseIterable {
    case output, clock, random, sleep, filesystem, environment, process, stdin, modules, database
}

/// Which files a script may use.
package enum ScriptFiles: Sendable, Hashable {
    /// Those that the process may use; paths as the process reads them.
    case everywhere
    /// Those in and below a directory, to which relative paths belong. Links are not followed.
    case below(String)
}

/// What a script may know of the process's environment and its machine.
package enum ScriptEnvironment: Sendable, Hashable {
    /// All of it, and it may change variables.
    case everything
    /// These variables, for reading, and facts about the machine.
    case variables(Set<String>)
}

/// Where a script's output goes. Called on the thread that runs the script, with whole chunks of UTF-8.
package protocol ScriptOutput: AnyObject, Sendable {
    func write(_ bytes: UnsafeRawBufferPointer)
    /// The script wants to be seen up to here (`whisper`, a pause, the end).
    func flush()
}
