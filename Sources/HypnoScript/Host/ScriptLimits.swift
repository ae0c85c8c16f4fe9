/// How much a run may use. Passing a limit ends the run with a failure of kind `.limit`, passing the time
/// with one of kind `.timeout`.
package struct ScriptLimits: Sendable {
    /// Machine instructions, counted by loop passes and calls.
    package var instructions: Int?
    package var callDepth: Int
    package var heapBytes: Int
    package var outputBytes: Int?
    /// Wall time from the start of the run; sleep counts.
    package var time: Duration?

    package init(
        instructions: Int? = nil, callDepth: Int = 10_000, heapBytes: Int = 256 << 20,
        outputBytes: Int? = nil, time: Duration? = nil
    ) {
        self.instructions = instructions
        self.callDepth = callDepth
        self.heapBytes = heapBytes
        self.outputBytes = outputBytes
        self.time = time
    }
}
