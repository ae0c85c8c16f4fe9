import Glibc
import JobEngine

/// The figures of a benchmark with what they depend on.
struct BenchReport {
    let figures: [BenchRun.Figure]
    let size: BenchRun.Size
    let database: String
    let facts: [(name: String, value: String)]

    var json: JSON {
        [
            "hypjobs": .string(Version.current),
            "environment": .object(
                [
                    JSON.Member("database", .string(database)),
                    JSON.Member("host", .string(ProcessFacts.host)),
                    JSON.Member("kernel", .string(Self.kernel)),
                    JSON.Member("cores", .integer(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
                ] + facts.map { JSON.Member($0.name, .string($0.value)) }),
            "parameters": [
                "executions": .integer(size.executions), "workers": .integer(size.workers),
                "slots": .integer(size.slots),
            ],
            "figures": .object(
                figures.map { figure in
                    JSON.Member(
                        figure.name, ["value": .double(figure.value), "unit": .string(figure.unit)])
                }),
        ]
    }

    private static var kernel: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return withUnsafeBytes(of: names.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension BenchRun.Figure {
    /// The figure for people, in a column.
    var line: String {
        let number = unit == "/s" ? Format.count(Int(value.rounded())) : Format.thousandths(value)
        let padding = String(repeating: " ", count: max(1, 52 - title.count))
        return "\(title)\(padding)\(number) \(unit == "/s" ? "a second" : unit)"
    }
}
