import Glibc

/// What the operating system says of this process and of others.
enum ProcessFacts {
    static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Who works here, as `user@host`.
    static var person: String {
        let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? String(getuid())
        return "\(user)@\(host)"
    }

    /// The boot and the process namespace that process numbers belong to. Two containers of one machine, or
    /// one machine before and after a restart, differ; where the system does not tell, every process has
    /// its own.
    static var scope: String {
        guard let boot = firstLine("/proc/sys/kernel/random/boot_id"), let space = link("/proc/self/ns/pid")
        else {
            return "process \(getpid())"
        }
        return "\(boot) \(space)"
    }

    /// False only if no process of this namespace has the number.
    static func isAlive(_ pid: Int) -> Bool {
        guard let pid = pid_t(exactly: pid), pid > 0 else { return true }
        return kill(pid, 0) == 0 || errno != ESRCH
    }

    private static func firstLine(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
    }

    private static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 128)
        let count = readlink(path, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
