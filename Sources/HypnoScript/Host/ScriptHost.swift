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
    /// The capabilities that need no function: the library does the work itself where they are granted.
    package var granted: Set<ScriptCapability>
    /// What `GetArgs()` answers.
    package var processArguments: [String]

    package init(
        output: (any ScriptOutput)?, clock: (@Sendable () -> Duration)? = nil,
        random: (@Sendable () -> UInt64)? = nil, sleep: (@Sendable (Duration) -> Void)? = nil,
        input: (@Sendable () -> String?)? = nil,
        granted: Set<ScriptCapability> = [], processArguments: [String] = []
    ) {
        self.output = output
        self.clock = clock
        self.random = random
        self.sleep = sleep
        self.input = input
        self.granted = granted
        self.processArguments = processArguments
    }

    /// Half of the 50 ms within which a cancelled script stops.
    static let longestSleep = Duration.milliseconds(20)
}

/// The classes of effects that a host grants or refuses; the raw value is the name in messages.
package enum ScriptCapability: String, Sendable, CaseIterable {
    case output, clock, random, sleep, filesystem, environment, process, stdin, modules
}

/// Where a script's output goes. Called on the thread that runs the script, with whole chunks of UTF-8.
package protocol ScriptOutput: AnyObject, Sendable {
    func write(_ bytes: UnsafeRawBufferPointer)
    /// The script wants to be seen up to here (`whisper`, a pause, the end).
    func flush()
}
