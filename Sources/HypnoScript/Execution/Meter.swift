import Glibc

/// Counts what a run executes, in slices: the dispatch loop counts a local down and asks here when it is
/// used up.
struct Meter {
    /// About 0.1 ms of ordinary instructions: often enough to stop within 50 ms even where each one does
    /// some work, rarely enough to cost nothing measurable (design note §3).
    static let slice = 1 << 16

    private let limit: Int
    /// Instructions of finished slices and of slow work.
    private(set) var used = 0
    /// How many instructions the loop was given last.
    private(set) var granted = 0
    /// Work of slow paths and builtins since the last settlement.
    var pending = 0
    /// What was used since limits were last looked at. Errors that are caught begin a new slice each, so it
    /// is not the slice alone that says when to look again.
    private var unseen = 0

    init(limit: Int?) {
        self.limit = limit ?? .max
    }

    /// Adds what the loop used of its slice, `left` of which is unused or, below zero, overdrawn.
    mutating func settle(left: Int) {
        used += granted - left + pending
        unseen += granted - left + pending
        granted = left
        pending = 0
    }

    var isExhausted: Bool { used >= limit }

    /// Limits are looked at now.
    mutating func look() { unseen = 0 }

    /// The next slice for the loop, or what is left of it.
    mutating func grant() -> Int {
        granted = min(max(0, Meter.slice - unseen), limit - used)
        return granted
    }
}

/// The limits as a run checks them: plain integers, because a stored `Duration` or clock would make the
/// layout of the whole machine a matter of run-time metadata.
struct RunLimits {
    let instructions: Int
    let callDepth: Int
    let outputBytes: Int

    init(_ limits: ScriptLimits) {
        instructions = limits.instructions ?? .max
        callDepth = limits.callDepth
        outputBytes = limits.outputBytes ?? .max
    }
}

/// What ends a run from outside. Everything that takes long looks at it, also where no error can be
/// recorded: who asked for that then looks again.
struct StopSignal {
    private let cancellation: ScriptCancellation?
    /// In nanoseconds of `uptime`.
    private let deadline: Int

    /// The run begins now.
    init(_ limits: ScriptLimits, _ cancellation: ScriptCancellation?) {
        self.cancellation = cancellation
        deadline = limits.time.map { StopSignal.uptime(after: $0) } ?? .max
    }

    var isGiven: Bool { isCancelled || isLate }
    var isCancelled: Bool { cancellation?.isCancelled ?? false }
    var isLate: Bool { deadline != .max && StopSignal.uptime() >= deadline }

    private static func uptime(after pause: Duration) -> Int {
        let (seconds, attoseconds) = pause.components
        let (nanoseconds, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (instant, isFar) = uptime().addingReportingOverflow(nanoseconds)
        return isFar ? .max : instant &+ Int(attoseconds / 1_000_000_000)
    }

    /// A clock that never goes back.
    private static func uptime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension Machine {
    /// The dispatch loop's slice is used up: looks at limits, deadline and cancellation and grants the next
    /// one. Negative if the run must stop.
    @inline(never)
    mutating func tick(left: Int) -> Int {
        meter.settle(left: left)
        return isAllowedToContinue() ? meter.grant() : -1
    }

    /// The same where the dispatch loop has not stored its place.
    @inline(never)
    mutating func tick(
        left: Int, at pc: UnsafeMutablePointer<UInt64>, _ base: UnsafeMutablePointer<Value>
    ) -> Int {
        save(pc, base)
        return tick(left: left)
    }

    /// Counts work of a slow path or builtin; false if the run must stop.
    @inline(__always)
    mutating func charge(_ steps: Int) -> Bool {
        meter.pending &+= steps
        return meter.pending < Meter.slice || chargeSlowly()
    }

    @inline(never)
    private mutating func chargeSlowly() -> Bool {
        meter.settle(left: meter.granted)
        return isAllowedToContinue()
    }

    /// Whether neither a limit nor the signal ends the run; else the error is recorded.
    mutating func isAllowedToContinue() -> Bool {
        meter.look()
        if signal.isCancelled {
            _ = raise(.cancelled, "Cancelled")
            return false
        }
        if meter.isExhausted {
            _ = raise(.limit, "Instruction limit exceeded")
            return false
        }
        if signal.isLate {
            _ = raise(.timeout, "Time limit exceeded")
            return false
        }
        return true
    }
}
