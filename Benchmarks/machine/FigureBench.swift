import Glibc
import HypnoScript
import SourceText

/// Starting machines, compiling, and memory when many machines follow each other.
enum FigureBench {
    static func run() -> Bool {
        [start(), compilation(), flatness()].allSatisfy { $0 }
    }

    private static func report(_ name: String, _ figure: Double, _ unit: String, most: Double) -> Bool {
        let holds = figure <= most
        show(padded(name, 44), padded(fixed(figure), 9), unit, " at most", fixed(most, 0), holds ? "✓" : "✗")
        return holds
    }

    private static func compile(_ text: String) -> CompiledScript {
        do {
            return try HypnoScript.compile(SourceFile(name: "bench.hyp", text: text))
        } catch {
            preconditionFailure("the benchmark's program is wrong: \(error)")
        }
    }

    /// The nanoseconds of CPU that `body` takes, the median of some rounds of many times each.
    private static func median(of rounds: Int, each times: Int, _ body: () -> Void) -> Double {
        let figures = (0..<rounds).map { _ in
            let before = Clock.used()
            for _ in 0..<times { body() }
            return Clock.used() - before
        }
        return Double(figures.sorted()[rounds / 2]) / Double(times)
    }

    private static func start() -> Bool {
        let script = compile("Focus { induce result = 1; } Relax")
        let host = ScriptHost(output: nil)
        let limits = ScriptLimits(time: .seconds(10))
        func run() { _ = script.run(host: host, limits: limits, cancellation: ScriptCancellation()) }
        let time = median(of: 5, each: 100_000) { run() }
        return report("start, run and end of a machine", time / 1e3, "µs", most: 50)
    }

    /// A thousand lines that use what the language has.
    private static func program() -> String {
        var lines = ["Focus {"]
        var number = 0
        while lines.count < 990 {
            number += 1
            lines += [
                "suggestion f\(number)(a, b) {",
                "    induce total = a * \(number) + b;",
                "    if (total > 100 && b != 3) {",
                "        observe \"large: \" + total + \" of \" + Length(\"abc\");",
                "    } else {",
                "        loop (induce i = 0; i < 10; i = i + 1) { total = total + i % 3; }",
                "    }",
                "    induce list = [1, 2, total, \"x\", [a, b]];",
                "    induce object = {name: \"n\(number)\", value: list[2]};",
                "    awaken ArrayMap(list, suggestion(x) { awaken x == object.value; });",
                "}",
                "observe f\(number)(\(number), \(number + 1));",
            ]
        }
        return (lines + ["} Relax"]).joined(separator: "\n")
    }

    private static func compilation() -> Bool {
        let text = program()
        let lines = text.utf8.count { $0 == 0x0A } + 1
        let time = median(of: 11, each: 10) { _ = compile(text) }
        return report("compiling \(lines) lines", time / 1e6, "ms", most: 5)
    }

    /// What ten thousand machines leave behind, once the first hundred have warmed up the allocator.
    private static func flatness() -> Bool {
        let script = compile(
            """
            Focus {
                induce list = [];
                loop (induce i = 0; i < 2000; i = i + 1) { ArrayPush(list, {key: "k" + i, value: [i, i]}); }
                induce text = Repeat("x", 300000) + Length(list);
                induce result = Length(text);
            } Relax
            """)
        func run(_ count: Int) {
            for _ in 0..<count {
                _ = script.run(
                    host: ScriptHost(output: nil), limits: ScriptLimits(), cancellation: nil)
            }
        }
        run(100)
        let before = Clock.residentBytes()
        run(10_000)
        let growth = Double(Clock.residentBytes() - before) / 1e6
        return report("growth of memory by 10,000 machines", growth, "MB", most: 2)
    }
}

/// A script that allocates for minutes within what it keeps.
enum AllocationBench {
    static func run(seconds: Int) -> Bool {
        let text = """
            Focus {
                induce kept = [];
                loop (induce i = 0; i < 20000; i = i + 1) { ArrayPush(kept, {key: "k" + i, value: [i]}); }
                induce i = 0;
                while (true) {
                    i = i + 1;
                    kept[i % 20000] = {key: "k" + i, value: [i, [i, "x" + i]]};
                    if (i % 5000 == 0) { induce long = Repeat("y", 100000 + i % 700000) + i; }
                    if (i % 100 == 0) { induce some = Split("a,b,c,d," + i, ","); }
                }
            } Relax
            """
        guard let script = try? HypnoScript.compile(SourceFile(name: "allocate.hyp", text: text)) else {
            return false
        }
        // 64 MB are enough for what is kept, and little beside what is allocated.
        let heap = 64 << 20
        let before = Clock.residentBytes()
        let peak = Peak()
        let limits = ScriptLimits(heapBytes: heap, time: .seconds(seconds))
        let outcome = script.run(
            host: ScriptHost(output: nil), limits: limits,
            cancellation: ScriptCancellation(when: {
                peak.look()
                return false
            }))
        let most = Double(peak.bytes - before) / 1e6
        show("\(seconds) s, \(outcome.instructions) instructions, at most \(fixed(most)) MB")
        guard case .failed(let failure) = outcome.end, failure.kind == .timeout else { return false }
        return most <= Double(heap) * 1.25 / 1e6
    }
}
