import Database
import Effects
import Glibc
import JobEngine

/// What can be examined without asking the database.
extension Settings {
    /// How many connections a worker may have at one time: the pool's, which the one for control is part of,
    /// and the one that news come by.
    var connectionsPerWorker: Int {
        switch database {
        case .sqlite: pool.maxConnections
        case .postgresql: poolConfiguration.maxConnections + Self.controlConnections + 1
        }
    }

    func examination(_ effects: Effects) async -> [Finding] {
        switch database {
        case .sqlite(let sqlite): [FileFacts.log(of: sqlite.file), FileFacts.disk(of: sqlite.file)]
        case .postgresql: await [newsFinding(effects)]
        }
    }

    /// Whether what is sent by NOTIFY arrives.
    private func newsFinding(_ effects: Effects) async -> Finding {
        guard let news = news(effects) else { return .ok("news", "None are sent") }
        let first = await withTaskGroup(of: WorkNews?.self) { group in
            group.addTask { await news.first { _ in true } }
            group.addTask {
                do { try await effects.time.sleep(for: .seconds(5)) } catch {
                    // The news came first.
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        switch first {
        case .interrupted, .enqueued: return .ok("news", "NOTIFY arrives: workers hear of new work at once")
        case .unavailable:
            return Finding(
                "news", .warning, "NOTIFY does not arrive: new work waits for the next poll",
                help: "connect workers to the server itself, or to a pooler that lends sessions")
        case nil:
            return Finding(
                "news", .warning, "No connection for news could be made within 5 s",
                help: "workers poll; look at the server's limit of connections")
        }
    }
}

/// What the file system says of a database file.
private enum FileFacts {
    /// A log of this size is folded into the file whenever nobody reads.
    private static let largestLogBytes = 256 << 20

    static func log(of file: String) -> Finding {
        var facts = stat()
        let bytes = stat(file + "-wal", &facts) == 0 ? Int(facts.st_size) : 0
        let words = "The write-ahead log has \(bytes >> 20) MiB"
        guard bytes > largestLogBytes else { return .ok("log", words) }
        return Finding(
            "log", .warning, words,
            help: "a process that reads for long keeps it from shrinking: end it")
    }

    static func disk(of file: String) -> Finding {
        guard let kind = fileSystem(of: file) else {
            return Finding(
                "disk", .warning, "The system does not say what kind of disk the file is on",
                help: "make sure that it is a local one")
        }
        guard networkDrives.contains(where: { kind == $0 || kind.hasPrefix($0 + ".") }) else {
            return .ok("disk", "The file is on \(kind)")
        }
        return Finding(
            "disk", .problem, "The file is on a network drive (\(kind)), where SQLite's locks do not hold",
            help: "move it to a local disk, or use PostgreSQL")
    }

    /// As mount(8) calls them.
    private static let networkDrives = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "coda", "gpfs", "glusterfs",
        "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone",
    ]

    /// The kind of the file system that the file lies on: that of the longest mount point above it.
    private static func fileSystem(of file: String) -> String? {
        guard let real = realpath(file, nil) else { return nil }
        defer { free(real) }
        let path = String(cString: real)
        guard let mounts = setmntent("/proc/self/mounts", "r") else { return nil }
        defer { endmntent(mounts) }
        var best: (point: String, kind: String)?
        while let entry = getmntent(mounts) {
            let point = String(cString: entry.pointee.mnt_dir)
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            // Of two at one point the later one is seen.
            guard isAbove, point.utf8.count >= best?.point.utf8.count ?? 0 else { continue }
            best = (point, String(cString: entry.pointee.mnt_type))
        }
        return best?.kind
    }
}
