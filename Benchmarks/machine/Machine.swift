import Effects
import Glibc

/// `hypmachine stops|figures|allocate`: what the script machine's promises look like on this computer.
@main
struct HypMachine {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let options = Options(arguments.dropFirst())
        switch arguments.first {
        case "stops": exit(StopBench(options).run() ? 0 : 1)
        case "figures": exit(FigureBench.run() ? 0 : 1)
        case "allocate": exit(AllocationBench.run(seconds: options.number("--seconds") ?? 600) ? 0 : 1)
        default:
            print(
                "usage: hypmachine stops [--only NAME,…] [--mebibytes N] | figures | allocate [--seconds N]")
            exit(2)
        }
    }
}

/// Options of the form `--name value`.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let name = rest.popFirst() { values[name] = rest.popFirst() ?? "" }
    }

    func text(_ name: String) -> String? { values[name] }
    func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
}

/// Clocks and what the kernel says of this process.
enum Clock {
    /// Nanoseconds of a clock that never goes back.
    static func wall() -> Int {
        let (seconds, attoseconds) = SystemTime().uptime().components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    /// Nanoseconds of CPU that this thread has used.
    static func used() -> Int {
        var usage = rusage()
        getrusage(1, &usage)  // RUSAGE_THREAD, which has no type that fits.
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return seconds * 1_000_000_000 + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000
    }

    /// Bytes of this process in memory.
    static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A number with as many decimals as asked for.
func fixed(_ number: Double, _ decimals: Int = 1) -> String {
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let text = String((number * scale).rounded() / scale)
    return decimals == 0 ? String(text.dropLast(2)) : text
}

/// Text at the right end of a column.
func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

/// Prints a line at once, also into a file.
func show(_ items: Any...) {
    print(items.map { "\($0)" }.joined(separator: " "))
    fflush(nil)
}
