import Glibc

/// More on the machine and the process, as far as the host grants the environment.
extension Library {
    static let moreSystem: [Builtin] = [
        Builtin("GetSystemInfo") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return try call.object([
                    ("os", try call.string("linux")), ("architecture", try call.string(architecture)),
                    ("processors", Value(number: processorCount)),
                    ("hostname", try call.string(hostName ?? "unknown")),
                    ("username", try call.string(call.userName)),
                ])
            }
        },
        Builtin("GetMemoryInfo") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                let total = MemoryFacts.mebibytes("MemTotal")
                let available = MemoryFacts.mebibytes("MemAvailable")
                return try call.object([
                    ("total", Value(number: total)), ("available", Value(number: available)),
                    ("used", Value(number: total - available)),
                ])
            }
        },
        Builtin("GetMemoryUsage") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return Value(number: MemoryFacts.ownMebibytes)
            }
        },
        Builtin("GetAllEnvironmentVariables") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                var variables: [(String, Value)] = []
                var next = environ
                while let entry = next.pointee {
                    let text = String(cString: entry)
                    next += 1
                    guard let end = text.firstIndex(of: "="),
                        call.isGranted(variable: String(text[..<end]))
                    else { continue }
                    let value = try call.string(String(text[text.index(after: end)...]))
                    variables.append((String(text[..<end]), value))
                }
                return try call.object(variables)
            }
        },
        Builtin("GetCurrentProcessId") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return Value(number: Double(getpid()))
            }
        },
    ]
}

extension BuiltinCall {
    /// As far as the host lets the script know it.
    fileprivate var userName: String {
        for name in ["USER", "USERNAME"] where isGranted(variable: name) {
            if let value = getenv(name) { return String(cString: value) }
        }
        return "unknown"
    }
}

/// What the kernel says about memory.
private enum MemoryFacts {
    /// A line of the kernel's table, whose numbers are kibibytes; 0 where there is none.
    static func mebibytes(_ name: String) -> Double {
        for line in text(of: "/proc/meminfo").split(separator: "\n") where line.hasPrefix("\(name):") {
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            return Double(kibibytes / 1024)
        }
        return 0
    }

    /// What this process has in memory.
    static var ownMebibytes: Double {
        let pages = text(of: "/proc/self/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Double(((pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))) >> 20)
    }

    private static func text(of path: String) -> String {
        // Nothing is known where the kernel does not tell.
        var bytes: [UInt8] = []
        try? FileAccess(scope: .everywhere).read(path, charging: { _ throws(Raised) in }, { bytes += $0 })
        return String(decoding: bytes, as: UTF8.self)
    }
}
