import Glibc

/// Files and directories, as far as the host grants the file system; paths are free.
extension Library {
    static let files: [Builtin] = contents + questions + changes + paths

    private static let contents = [
        Builtin("ReadFile") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                let bytes = try call.attempt(call.files.read(path, reserving: call.reserve))
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw call.raise(.runtime, "stream did not contain valid UTF-8")
                }
                return try call.string(text)
            }
        },
        Builtin("WriteFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (path, text) = (try call.path(0), try call.text(1))
                try call.attempt(call.files.write(text, to: path, appending: false))
                return .null
            }
        },
        Builtin("AppendFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (path, text) = (try call.path(0), try call.text(1))
                try call.attempt(call.files.write(text, to: path, appending: true))
                return .null
            }
        },
        Builtin("ListDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                var names: [Value] = []
                for name in try call.attempt(call.files.names(in: path)) {
                    names.append(try call.string(name))
                }
                return try call.array(names)
            }
        },
    ]

    private static let questions = [
        Builtin("FileExists") {
            external($0, $1, $2) { call throws(Raised) in Value(try call.kind(0) != nil) }
        },
        Builtin("IsFile") {
            external($0, $1, $2) { call throws(Raised) in Value(try call.kind(0) == .file) }
        },
        Builtin("IsDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                Value(try call.kind(0) == .directory)
            }
        },
        Builtin("GetFileSize") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                return Value(number: Double(try call.attempt(call.files.size(of: path))))
            }
        },
    ]

    private static let changes = [
        Builtin("DeleteFile") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                try call.attempt(call.files.delete(path))
                return .null
            }
        },
        Builtin("CreateDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                try call.attempt(call.files.createDirectories(path))
                return .null
            }
        },
        Builtin("CopyFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (source, target) = (try call.path(0), try call.path(1))
                let count = try call.attempt(call.files.copy(source, to: target, charging: call.charge))
                return Value(number: Double(count))
            }
        },
        Builtin("RenameFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (source, target) = (try call.path(0), try call.path(1))
                try call.attempt(call.files.rename(source, to: target))
                return .null
            }
        },
    ]

    private static let paths = [
        Builtin("GetFileExtension") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(orNull: FilePath(try call.string(0)).fileExtension)
            }
        },
        Builtin("GetFileName") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(orNull: FilePath(try call.string(0)).stem)
            }
        },
        Builtin("GetParentDirectory") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(orNull: FilePath(try call.string(0)).parent)
            }
        },
    ]
}

extension BuiltinCall {
    /// A string argument that names a file, once the file system is granted.
    func path(_ position: Int) throws(Raised) -> String {
        let path = try string(position)
        try require(.filesystem)
        guard !path.utf8.contains(0) else {
            throw raise(.runtime, "file name contained an unexpected NUL byte")
        }
        guard path.utf8.count < FileAccess.longestPath else {
            throw raise(.runtime, FileAccess.message(ENAMETOOLONG))
        }
        return path
    }

    /// What the file system is to the script.
    var files: FileAccess { FileAccess(scope: machine.pointee.host.files ?? .everywhere) }

    /// What a string argument leads to; nil where there is nothing.
    fileprivate func kind(_ position: Int) throws(Raised) -> FileAccess.Kind? {
        let path = try path(position)
        return try attempt(files.kind(of: path))
    }

    /// Does something with the file system and turns its refusal into an error of the script.
    func attempt<Result>(
        _ body: @autoclosure () throws(FileAccess.Failure) -> Result
    ) throws(Raised) -> Result {
        do throws(FileAccess.Failure) {
            return try body()
        } catch {
            switch error {
            case .system(let code): throw raise(.runtime, FileAccess.message(code))
            case .outside:
                throw raise(.capability, "Capability 'filesystem' does not reach outside of its directory")
            case .stopped(let raised): throw raised
            }
        }
    }

    fileprivate func string(orNull text: String?) throws(Raised) -> Value {
        guard let text else { return .null }
        return try string(text)
    }
}
