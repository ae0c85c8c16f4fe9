import Glibc

/// The machine and the process, as far as the host grants them.
extension Library {
    static let system: [Builtin] = environment + machine + process

    private static let environment = [
        Builtin("GetEnv") {
            external($0, $1, $2) { call throws(Raised) in
                let name = try call.string(0)
                guard let text = try call.variable(name) else { return .null }
                return try call.string(text)
            }
        },
        Builtin("SetEnv") {
            external($0, $1, $2) { call throws(Raised) in
                let (name, value) = (try call.string(0), try call.string(1))
                try call.require(.environment)
                guard call.mayChangeEnvironment else {
                    throw call.raise(.capability, "Capability 'environment' lets this script read only")
                }
                if let problem = problem(withVariable: name, value) { throw call.raise(.runtime, problem) }
                setenv(name, value, 1)
                return .null
            }
        },
        Builtin("GetCurrentDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return try call.string(workingDirectory ?? ".")
            }
        },
        Builtin("GetHomeDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                try call.string(try call.variable("HOME") ?? ".")
            }
        },
        Builtin("GetTempDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                try call.string(try call.variable("TMPDIR") ?? "/tmp")
            }
        },
    ]

    private static let machine = [
        Builtin("GetOperatingSystem") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return try call.string("linux")
            }
        },
        Builtin("GetArchitecture") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return try call.string(architecture)
            }
        },
        Builtin("GetHostname") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return try call.string(hostName ?? "unknown")
            }
        },
        Builtin("GetUsername") {
            external($0, $1, $2) { call throws(Raised) in
                if let name = try call.variable("USER") { return try call.string(name) }
                return try call.string(try call.variable("USERNAME") ?? "unknown")
            }
        },
        Builtin("GetCpuCount") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.environment)
                return Value(number: processorCount)
            }
        },
    ]

    private static let process = [
        Builtin("GetArgs") {
            external($0, $1, $2) { call throws(Raised) in
                try call.require(.process)
                var arguments: [Value] = []
                for argument in call.processArguments { arguments.append(try call.string(argument)) }
                return try call.array(arguments)
            }
        },
        Builtin("Exit") {
            native($0, $1, $2) { call throws(Raised) in
                let code = try call.integer(0)
                try call.require(.process)
                throw call.exit(code)
            }
        },
    ]

    private static func problem(withVariable name: String, _ value: String) -> String? {
        if name.isEmpty { return "Environment variable name cannot be empty" }
        if name.utf8.contains(UInt8(ascii: "=")) { return "Environment variable name cannot contain '='" }
        let hasNull = name.utf8.contains(0) || value.utf8.contains(0)
        return hasNull ? "Environment variable cannot contain a NUL byte" : nil
    }

    private static var workingDirectory: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            getcwd(buffer.baseAddress, buffer.count).map { String(cString: $0) }
        }
    }

    static var architecture: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    static var processorCount: Double { Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    static var hostName: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, buffer.count) == 0 else { return nil }
            // A name that was cut off has no end mark.
            buffer[buffer.count - 1] = 0
            return String(cString: start)
        }
    }
}

extension BuiltinCall {
    /// Raises unless the host grants the environment, and this variable of it.
    fileprivate func variable(_ name: String) throws(Raised) -> String? {
        try require(.environment)
        guard isGranted(variable: name) else {
            throw raise(.capability, "Environment variable '\(name)' is not granted")
        }
        return getenv(name).map { String(cString: $0) }
    }

    /// Whether the host lets the script see the variable.
    func isGranted(variable name: String) -> Bool {
        switch machine.pointee.host.environment {
        case .everything?: true
        case .variables(let names)?: names.contains(name)
        case nil: false
        }
    }

    /// The environment is the whole process's: only a script that has the process to itself changes it.
    fileprivate var mayChangeEnvironment: Bool { machine.pointee.host.environment == .everything }
}
