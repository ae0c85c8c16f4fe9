import Glibc

/// More on files: lists, lines, whole directories, facts.
extension Library {
    static let moreFiles: [Builtin] = lists + lines + directories

    private static let lists = [
        Builtin("ListFiles") {
            external($0, $1, $2) { call throws(Raised) in try call.names(of: .file) }
        },
        Builtin("ListDirectories") {
            external($0, $1, $2) { call throws(Raised) in try call.names(of: .directory) }
        },
        Builtin("JoinPath") {
            native($0, $1, $2) { call throws(Raised) in
                try call.text { result throws(Raised) in
                    for position in 0..<call.count {
                        var part = try call.text(position)
                        if position < call.count - 1 { part = try call.withoutSlashes(part) }
                        if position > 0 { try result.append(UInt8(ascii: "/")) }
                        try result.append(part)
                    }
                }
            }
        },
    ]

    private static let lines = [
        Builtin("ReadLines") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                var text = TextBuilder(call)
                try call.read(path, to: &text)
                if text.count == 0 { return try call.array([Value]()) }
                // A line end at the end begins no further line.
                let isComplete = text.bytes.last == 0x0A
                var lines = ValueList(call)
                try call.forEachLine(in: text.bytes.part(0..<text.count - (isComplete ? 1 : 0))) {
                    line throws(Raised) in
                    try lines.append(line)
                }
                return try lines.finish()
            }
        },
        Builtin("WriteLines") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                var text = TextBuilder(call)
                for (index, line) in try call.array(1).enumerated() {
                    if index > 0 { try text.append(UInt8(ascii: "\n")) }
                    try call.charge(16)
                    try text.append(printed: line)
                }
                let bytes = text.bytes
                try call.attempt(
                    call.files.write(bytes, to: path, appending: false, charging: call.charge))
                return .null
            }
        },
    ]

    private static let directories = [
        Builtin("DeleteDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                let isRecursive = (call.optional(1) ?? .null).isTruthy
                try call.attempt(
                    call.files.deleteDirectory(path, recursively: isRecursive, charging: call.charge))
                return .null
            }
        },
        Builtin("GetFileInfo") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                let facts = try call.attempt(call.files.facts(of: path))
                let name = path.split(separator: "/").last.map(String.init) ?? path
                return try call.object([
                    ("name", try call.string(name)), ("size", Value(number: Double(facts.size))),
                    ("created", try call.string(UniversalTime.text(facts.changed))),
                    ("modified", try call.string(UniversalTime.text(facts.modified))),
                    ("isDirectory", Value(facts.isDirectory)),
                ])
            }
        },
    ]
}

extension BuiltinCall {
    /// The names in a directory that lead to files, or to directories.
    fileprivate func names(of kind: FileAccess.Kind) throws(Raised) -> Value {
        let path = try path(0)
        var names: [Value] = []
        for name in try attempt(files.names(in: path))
        where try attempt(files.kind(of: "\(path)/\(name)")) == kind {
            try charge(16)
            names.append(try string(name))
        }
        return try array(names)
    }
}

/// A moment as the whole world writes it.
enum UniversalTime {
    /// `YYYY-MM-DDTHH:MM:SSZ` of a number of seconds since 1970.
    static func text(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let count = strftime(start, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }
}

extension FileAccess {
    /// What the file system knows of a file.
    struct Facts {
        let size: Int
        let isDirectory: Bool
        /// Seconds since 1970: of its contents, and of anything about it.
        let modified: Int
        let changed: Int
    }

    func facts(of path: String) throws(Failure) -> Facts {
        let status = try status(of: path)
        return Facts(
            size: Int(status.st_size), isDirectory: status.st_mode & S_IFMT == S_IFDIR,
            modified: status.st_mtim.tv_sec, changed: status.st_ctim.tv_sec)
    }

    /// Deletes a directory, with all it holds if asked. Links are deleted, not followed.
    func deleteDirectory(
        _ path: String, recursively: Bool, charging: (Int) throws(Raised) -> Void
    ) throws(Failure) {
        guard recursively else { return try removeEmpty(path) }
        let status = try status(of: path, followingLinks: false)
        // What a link leads to is not ours to empty, even where the link is the argument.
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(ENOTDIR) }
        var pending = [path]
        while let directory = pending.last {
            do throws(Raised) {
                try charging(64)
            } catch {
                throw .stopped(error)
            }
            let inner = try emptyOfFiles(directory)
            if inner.isEmpty {
                try removeEmpty(directory)
                pending.removeLast()
            } else {
                pending += inner
            }
        }
    }

    private func removeEmpty(_ path: String) throws(Failure) {
        let place = try place(path)
        if unlinkat(place.directory, place.name, AT_REMOVEDIR) != 0 { throw .system(errno) }
    }

    /// Deletes what is no directory, and returns the directories that are left.
    private func emptyOfFiles(_ path: String) throws(Failure) -> [String] {
        var directories: [String] = []
        for name in try names(in: path) {
            let inner = "\(path)/\(name)"
            if try status(of: inner, followingLinks: false).st_mode & S_IFMT == S_IFDIR {
                directories.append(inner)
            } else {
                try delete(inner)
            }
        }
        return directories
    }
}
