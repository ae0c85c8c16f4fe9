import Effects
import Glibc
import HypnoScript
import SourceText
import Synchronization

/// How long a run goes on without looking whether it must stop, and how long it runs on once it must.
struct StopBench {
    /// The most that is promised, in milliseconds.
    private static let limit = 50.0
    /// From here on a gap is worth a line.
    private static let notable = 15.0

    private let size: Int
    private let only: Set<String>?

    init(_ options: Options) {
        size = (options.number("--mebibytes") ?? 24) << 20
        only = options.text("--only").map { Set($0.split(separator: ",").map(String.init)) }
    }

    /// False if something ran on too long.
    func run() -> Bool {
        let folder = "/tmp/hypmachine-\(getpid())"
        mkdir(folder, 0o700)
        defer {
            for name in ["p", "q"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        var cases = StopCase.statements(size: size) + StopCase.files(size: size, in: folder)
        if let only { cases = cases.filter { only.contains($0.name) } }
        var findings = cases.flatMap { measure([$0]) }
        for value in LargeValues.all {
            let calls = StopCase.calls(of: value, size: size, only: only)
            for first in stride(from: 0, to: calls.count, by: 16) {
                findings += measure(Array(calls[first..<min(first + 16, calls.count)]))
            }
        }
        findings.sort { $0.milliseconds > $1.milliseconds }
        let overruns = findings.count { $0.milliseconds > Self.limit }
        for finding in findings.prefix(12) { show(finding) }
        show("\(findings.count) cases, \(overruns) of them beyond \(fixed(Self.limit, 0)) ms")
        return overruns == 0
    }

    /// The longest time that a case ran on.
    private struct Finding: CustomStringConvertible {
        let name: String
        var milliseconds: Double
        var note: String

        var description: String {
            "\(padded(fixed(milliseconds), 9)) ms \(milliseconds > StopBench.limit ? "✗" : " ") \(name) \(note)"
        }
    }

    /// Runs cases that share their declarations, each once to its end or for a while, to find the longest gap;
    /// those with a notable one, and those that stand alone, also stopped early by either means.
    private func measure(_ cases: [StopCase]) -> [Finding] {
        var findings: [Finding] = []
        var rest = cases[...]
        while !rest.isEmpty {
            guard let script = StopCase.script(Array(rest)) else {
                show("        ?     ", rest.map(\.name), "do not compile")
                return findings
            }
            let watch = Watch(lasting: 400)
            let outcome = watch.run(script)
            if watch.spans.isEmpty { show("        ?     ", rest.map(\.name), outcome) }
            for (stopCase, span) in zip(rest, watch.spans) {
                let note = span.isCut ? "" : "in all \(fixed(Double(span.length) / 1e6)) ms"
                var finding = Finding(name: stopCase.name, milliseconds: Double(span.gap) / 1e6, note: note)
                if finding.milliseconds > Self.notable || cases.count == 1 { stop(stopCase, &finding) }
                if finding.milliseconds > Self.notable { show(finding) }
                findings.append(finding)
            }
            rest = rest.dropFirst(max(1, watch.spans.count))
        }
        return findings
    }

    private func stop(_ stopCase: StopCase, _ finding: inout Finding) {
        guard let script = StopCase.script([stopCase]) else { return }
        let stopped = Watch(lasting: 5)
        _ = stopped.run(script)
        let late = Watch(lasting: .max)
        let outcome = late.run(script, for: stopped.setup + 5)
        finding.milliseconds = max(finding.milliseconds, stopped.overrun, late.overrun)
        finding.note +=
            " cancelled +\(fixed(stopped.overrun)), deadline +\(fixed(late.overrun)) \(outcome)"
    }
}

/// Watches one run: when it looks whether to go on, between the marks in its output.
final class Watch: ScriptOutput, Sendable {
    /// What lies behind a mark, in nanoseconds.
    struct Span {
        var begin: Int
        var last: Int
        var gap = 0
        /// It was cancelled.
        var isCut = false

        var length: Int { last - begin }

        mutating func look(_ now: Int) {
            gap = max(gap, now - last)
            last = now
        }
    }

    private struct State {
        var start = 0
        var spans: [Span] = []
        /// When the run had to stop.
        var stop: Int?
        var end = 0
    }

    private let lasting: Int
    private let state = Mutex(State())

    /// - Parameter lasting: cancels this many milliseconds behind a mark.
    init(lasting: Int) {
        self.lasting = lasting
    }

    var spans: [Span] { state.withLock { $0.spans } }
    /// Milliseconds from the start to the first mark.
    var setup: Int { state.withLock { (($0.spans.first?.begin ?? $0.start) - $0.start) / 1_000_000 } }
    /// Milliseconds from when the run had to stop to its end.
    var overrun: Double {
        state.withLock { state in state.stop.map { Double(max(0, state.end - $0)) / 1e6 } ?? 0 }
    }

    /// Runs a script for at most some milliseconds; how it ended.
    func run(_ script: CompiledScript, for time: Int? = nil) -> String {
        let random = Atomic<UInt64>(42)
        var host = ScriptHost(
            output: self, clock: { .zero },
            random: { random.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue },
            sleep: { SystemTime().block(for: $0) }, input: { nil })
        host.files = .everywhere
        state.withLock { state in
            state.start = Clock.used()
            state.stop = time.map { state.start + $0 * 1_000_000 }
        }
        let outcome = script.run(
            host: host, limits: ScriptLimits(time: time.map { .milliseconds($0) }),
            cancellation: ScriptCancellation(when: { [self] in look() }))
        state.withLock { state in
            state.end = Clock.used()
            if !state.spans.isEmpty { state.spans[state.spans.count - 1].look(state.end) }
        }
        switch outcome.end {
        case .finished: return ""
        case .exited: return "exited"
        case .failed(let failure): return String(failure.message.prefix(80))
        }
    }

    /// Whether the run must stop; notes the time.
    private func look() -> Bool {
        state.withLock { state in
            guard let index = state.spans.indices.last else { return false }
            let now = Clock.used()
            state.spans[index].look(now)
            guard lasting != .max, state.spans[index].length >= lasting * 1_000_000 else { return false }
            if !state.spans[index].isCut {
                state.spans[index].isCut = true
                state.stop = state.spans[index].begin + lasting * 1_000_000
            }
            return true
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) {}

    /// A mark, or the end of the run.
    func flush() {
        state.withLock { state in
            let now = Clock.used()
            if let index = state.spans.indices.last { state.spans[index].look(now) }
            if state.stop.map({ now >= $0 }) ?? false { return }
            state.spans.append(Span(begin: now, last: now))
        }
    }
}
